#include "engine/mapping/language/statements.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace tombolo::mapping {

namespace {

// The word begins a statement unless it is the target of one: `entry <- x`, `each.y <- x`, `include { … }`.
bool begins(Scanner& scan, std::string_view word) {
  Scanner ahead = scan;
  return ahead.take_word(word) && !ahead.take("<-") && !ahead.take("{") && !ahead.take(":") && ahead.peek() != '.' &&
         !ahead.line_over();
}

std::uint32_t to_number(Words digits) {
  std::uint32_t n = 0;
  std::from_chars(digits.text.data(), digits.text.data() + digits.text.size(), n);
  return n;
}

}  // namespace

void StatementParser::statement(std::vector<Statement>& into, In in) {
  Statement s;
  scan_.blanks();
  s.at = scan_.at();
  s.source = &scan_.source();
  const In outer = std::exchange(in_, in);
  read(s);
  if (!scan_.failed() && !scan_.line_over()) scan_.expected("the end of the line");
  if (!scan_.failed()) into.push_back(std::move(s));
  else skip_statement();
  in_ = outer;
}

// After a fault: on to the next statement. A block that opens on this line is read, for the faults in it.
void StatementParser::skip_statement() {
  scan_.recover();
  scan_.skip_line();
  if (scan_.peek() != '{') return;
  std::vector<Statement> lost;
  braces(lost);
  scan_.recover();
  if (!scan_.line_over()) scan_.skip_whole_line();
}

void StatementParser::read(Statement& s) {
  using K = Statement::Kind;
  const bool edits = in_ == In::edit || in_ == In::edit_overlay, changes = in_ == In::overlay || in_ == In::edit_overlay;
  if (changes && begins(scan_, "remove")) return remove(s);
  if (changes && begins(scan_, "replace")) s.replace = scan_.take_word("replace");
  if (edits && begins(scan_, "delete")) return erase(s);
  if (edits && begins(scan_, "add")) return add(s);
  if (edits && (begins(scan_, "move") || begins(scan_, "copy"))) return move(s);
  if (begins(scan_, "entry")) return entry(s);
  if (begins(scan_, "let")) {
    scan_.take_word("let");
    const auto [at, replace] = std::pair(s.at, s.replace);
    s = let();
    s.at = at, s.replace = replace;
  } else if (begins(scan_, "each") || begins(scan_, "if")) {
    s.kind = scan_.take_word("each") ? K::each : K::condition;
    if (s.kind == K::condition) scan_.take_word("if");
    s.over = scan_.expression();
    if (!scan_.failed()) s.clauses = clauses();
    if (!scan_.failed()) braces(s.body);
  } else if (begins(scan_, "include")) {
    s.kind = K::include;
    scan_.take_word("include");
    s.over = scan_.expression();
    if (!scan_.failed()) s.clauses = clauses();
  } else if (begins(scan_, "gives")) {
    s.kind = K::gives;
    scan_.take_word("gives");
    s.chain = chain();
  } else {
    rule_or_element(s);
  }
}

Statement StatementParser::let() {
  Statement s;
  s.kind = Statement::Kind::let;
  s.source = &scan_.source();
  s.at = scan_.at();
  s.name = scan_.word();
  if (s.name.empty()) scan_.expected("a name");
  if (!scan_.failed() && !scan_.take("=")) scan_.expected("'='");
  if (!scan_.failed()) s.over = scan_.expression();
  return s;
}

void StatementParser::rule_or_element(Statement& s) {
  s.target = target();
  if (scan_.failed()) return;
  if (scan_.take("<-")) {
    s.kind = Statement::Kind::rule;
    s.chain = chain();
    return;
  }
  s.kind = Statement::Kind::element;
  if (scan_.take(":")) {
    s.type = scan_.name();
    if (s.type.empty()) return scan_.expected("a type");
  }
  if (scan_.take_word("each")) s.over = scan_.expression();
  if (!scan_.failed()) s.clauses = clauses();
  if (scan_.failed()) return;
  scan_.blanks();
  if (scan_.peek() != '{') return scan_.expected("'<-' or '{'");
  braces(s.body);
}

void StatementParser::entry(Statement& s) {
  scan_.take_word("entry");
  s.name = scan_.word();
  if (s.name.empty()) return scan_.expected("the entry's name");
  if (!scan_.take(":")) return scan_.expected("':' and the entry's type");
  s.type = scan_.name();
  if (s.type.empty()) return scan_.expected("a type");
  s.kind = Statement::Kind::entry_rule;
  if (scan_.take("<-")) {
    s.chain = chain();
    return;
  }
  s.kind = Statement::Kind::entry;
  s.clauses = clauses();
  scan_.blanks();
  if (!scan_.failed() && scan_.peek() != '{') scan_.expected("'<-' or '{'");
  if (!scan_.failed()) braces(s.body);
}

void StatementParser::remove(Statement& s) {
  s.kind = Statement::Kind::remove;
  scan_.take_word("remove");
  Statement said;
  if (in_ == In::edit_overlay && meant(said)) return s.body.push_back(std::move(said));
  s.target = target();
  if (!scan_.failed() && scan_.take("<-")) s.over = scan_.expression();
}

// A statement of an edit, as far as it says which: "delete OBX", "add NTE after PID", "each IN1 when IN1-2".
bool StatementParser::meant(Statement& s) {
  using K = Statement::Kind;
  constexpr std::array<std::pair<std::string_view, K>, 7> words{{{"delete", K::erase}, {"add", K::add}, {"move", K::move}, {"copy", K::copy},
                                                                {"each", K::each}, {"if", K::condition}, {"let", K::let}}};
  const auto word = std::find_if(words.begin(), words.end(), [&](const auto& each) { return begins(scan_, each.first); });
  if (word == words.end()) return false;
  scan_.take_word(word->first);
  s.kind = word->second;
  if (s.kind == K::add || s.kind == K::let) s.name = scan_.word();
  else if (s.kind == K::move || s.kind == K::copy) s.target = target();
  else s.over = scan_.expression();
  if (s.kind == K::add || s.kind == K::move || s.kind == K::copy) {
    s.before = scan_.take_word("before");
    if (s.before || scan_.take_word("after")) s.over = scan_.expression();
  }
  if (!scan_.failed()) s.clauses = clauses();
  return true;
}

void StatementParser::erase(Statement& s) {
  s.kind = Statement::Kind::erase;
  scan_.take_word("delete");
  s.over = scan_.expression();
  if (!scan_.failed()) s.clauses = clauses();
}

void StatementParser::add(Statement& s) {
  s.kind = Statement::Kind::add;
  scan_.take_word("add");
  s.name = scan_.word();
  if (s.name.empty()) return scan_.expected("a segment");
  next_to(s);
}

void StatementParser::move(Statement& s) {
  s.kind = scan_.take_word("move") ? Statement::Kind::move : Statement::Kind::copy;
  if (s.kind == Statement::Kind::copy) scan_.take_word("copy");
  s.target = target();
  if (!scan_.failed()) next_to(s);
}

// … after PID { … } when C: the condition may stand before the block or behind it. What is moved has no block, a copy may have.
void StatementParser::next_to(Statement& s) {
  s.before = scan_.take_word("before");
  if (!s.before && !scan_.take_word("after")) return scan_.expected("'after' or 'before' and a segment");
  s.over = scan_.expression();
  if (!scan_.failed()) s.clauses = clauses();
  scan_.blanks();
  if (scan_.failed() || s.kind == Statement::Kind::move || (s.kind == Statement::Kind::copy && scan_.peek() != '{')) return;
  braces(s.body);
  if (scan_.failed() || !scan_.see_word("when")) return;
  const Words when = s.clauses.when;
  if (!when.empty()) return scan_.complain(scan_.at(), "a second 'when'");
  s.clauses = clauses();
}

Target StatementParser::target() {
  Target t;
  scan_.blanks();
  const auto begin = scan_.at();
  if (scan_.take("%")) {
    const auto name = scan_.word();
    if (name.empty() || name.at != begin + 1) return scan_.complain(begin, "expected a name right after '%'"), t;
    t.variable = {{name.text.data() - 1, name.text.size() + 1}, begin};
    if (scan_.peek() != '.') return scan_.expected("'.' and an element of " + std::string(t.variable.text)), t;
    scan_.take(".");
  }
  while (step(t) && scan_.peek() == '.') scan_.take(".");
  if (!t.steps.empty()) {
    const Words first = t.steps.front().name;
    const char* start = t.variable.empty() ? first.text.data() - (first.at - begin) : t.variable.text.data();
    t.whole = {{start, scan_.at() - begin}, begin};
  }
  return t;
}

bool StatementParser::step(Target& target) {
  Step s;
  s.name = scan_.peek() == '`' ? scan_.quoted('`') : scan_.word();
  if (scan_.failed()) return false;
  if (s.name.empty()) {
    const auto digits = target.steps.empty() ? Words{} : scan_.number();
    if (digits.empty()) return scan_.expected(target.steps.empty() ? "a statement" : "an element"), false;
    s.kind = Step::Kind::component;
    s.name = digits, s.number = to_number(digits);
  } else if (s.name.text == "extension" && scan_.peek() == '(') {
    scan_.take("(");
    s.kind = Step::Kind::extension;
    s.name = scan_.quoted('\'');
    if (!scan_.failed() && s.name.empty()) scan_.expected("the extension's name in quotes");
    if (!scan_.failed() && !scan_.take(")")) scan_.expected("')'");
    if (scan_.failed()) return false;
  } else if (s.name.text.front() == '`') {
    s.name = {s.name.text.substr(1, s.name.text.size() - 2), s.name.at + 1};
  }
  target.steps.push_back(s);
  numbers(target);
  return !scan_.failed();
}

// What makes a step an HL7 address: SEG[2], SEG-5, SEG-5[1].
void StatementParser::numbers(Target& target) {
  const auto repeat = [&] {
    if (scan_.peek() != '[') return;
    scan_.take("[");
    const auto digits = scan_.number();
    if (digits.empty()) return scan_.expected("a number from 1");
    target.steps.back().repeat = to_number(digits);
    if (!scan_.take("]")) scan_.expected("']'");
  };
  repeat();
  if (scan_.failed() || scan_.peek() != '-') return;
  scan_.take("-");
  Step field;
  field.kind = Step::Kind::field;
  field.name = scan_.number();
  if (field.name.empty()) return scan_.expected("a field's number");
  field.number = to_number(field.name);
  target.steps.push_back(field);
  repeat();
}

std::vector<Alternative> StatementParser::chain() {
  std::vector<Alternative> all;
  do {
    Alternative alternative;
    do alternative.sources.push_back(scan_.expression());
    while (!scan_.failed() && scan_.take(","));
    if (!scan_.failed()) alternative.clauses = clauses();
    all.push_back(std::move(alternative));
  } while (!scan_.failed() && scan_.take_word("else"));
  return all;
}

Clauses StatementParser::clauses() {
  Clauses c;
  while (!scan_.failed() && clause(c)) {
  }
  return c;
}

bool StatementParser::clause(Clauses& c) {
  const auto once = [&](Words& place, std::string_view word) {
    if (!place.empty()) scan_.complain(scan_.at(), "a second '" + std::string(word) + "' in one alternative");
  };
  if (scan_.take_word("as")) {
    once(c.as, "as");
    c.as = scan_.name();
    if (c.as.empty()) scan_.expected("a map or a type");
  } else if (scan_.take_word("via")) {
    once(c.via, "via");
    const bool variable = scan_.take("%");
    c.via = scan_.name();
    if (c.via.empty()) scan_.expected("a table");
    else if (variable) c.via = {{c.via.text.data() - 1, c.via.text.size() + 1}, c.via.at - 1};
  } else if (scan_.take_word("when")) {
    once(c.when, "when");
    c.when = scan_.expression();
  } else if (scan_.take_word("with")) {
    with(c);
  } else if (scan_.take_word("on")) {
    policy(c);
  } else {
    return false;
  }
  return true;
}

void StatementParser::with(Clauses& c) {
  do {
    Clauses::With w;
    w.name = scan_.word();
    if (w.name.empty()) return scan_.expected("a name");
    for (const auto& said : c.with)
      if (said.name.text == w.name.text) scan_.complain(w.name.at, "a second '" + std::string(w.name.text) + "' in one 'with'");
    if (!scan_.take("=")) return scan_.expected("'='");
    w.value = scan_.expression();
    c.with.push_back(w);
  } while (!scan_.failed() && scan_.take(","));
}

void StatementParser::policy(Clauses& c) {
  scan_.blanks();
  const auto at = scan_.at();
  const auto once = [&](bool said, std::string_view word) {
    if (said) scan_.complain(at, "a second 'on " + std::string(word) + "' in one alternative");
    return at;
  };
  if (scan_.take_word("error")) {
    c.on_error_at = once(c.on_error != OnError::unsaid, "error");
    error_policy(c);
  } else if (scan_.take_word("miss")) {
    c.on_miss_at = once(c.on_miss != OnMiss::unsaid, "miss");
    if (scan_.take_word("keep")) c.on_miss = OnMiss::keep;
    else if (scan_.take_word("ignore")) c.on_miss = OnMiss::ignore;
    else if (scan_.take_word("fail")) c.on_miss = OnMiss::fail;
    else scan_.expected("'keep', 'ignore' or 'fail'");
  } else if (scan_.take_word("delete")) {
    c.on_delete_at = once(c.on_delete != OnDelete::unsaid, "delete");
    if (scan_.take_word("ignore")) return void(c.on_delete = OnDelete::ignore);
    c.delete_text = scan_.quoted('\'');
    if (c.delete_text.empty() && !scan_.failed()) return scan_.expected("'ignore' or a text in quotes");
    c.on_delete = OnDelete::text;
  } else {
    scan_.expected("'error', 'miss' or 'delete'");
  }
}

void StatementParser::error_policy(Clauses& c) {
  const auto two = [&](std::string_view a, std::string_view b) {
    if (!scan_.take_word(a)) return false;
    if (!scan_.take_word(b)) scan_.expected("'" + std::string(b) + "'");
    return true;
  };
  if (scan_.see_word("keep")) {
    scan_.take_word("keep");
    if (scan_.take_word("partial")) c.on_error = OnError::keep_partial;
    else if (scan_.take_word("text")) c.on_error = OnError::keep_text;
    else scan_.expected("'partial' or 'text'");
  } else if (two("data", "absent")) {
    c.on_error = OnError::data_absent;
  } else if (two("try", "next")) {
    c.on_error = OnError::try_next;
  } else if (scan_.take_word("drop")) {
    c.on_error = OnError::drop;
  } else if (scan_.take_word("fail")) {
    c.on_error = OnError::fail;
  } else {
    scan_.expected("'keep partial', 'keep text', 'data absent', 'drop', 'try next' or 'fail'");
  }
}

void StatementParser::braces(std::vector<Statement>& body) {
  scan_.blanks();
  const auto open = scan_.at();
  if (!scan_.take("{")) return scan_.expected("'{'");
  if (++depth_ > deepest) {
    scan_.complain(open, "blocks nest more than " + std::to_string(deepest) + " deep");
    --depth_;
    return;
  }
  scan_.lines();
  while (!scan_.at_end() && scan_.peek() != '}') {
    statement(body, in_ == In::overlay ? In::map : in_);  // a block of an overlay holds ordinary statements, if it is of a map
    scan_.lines();
  }
  --depth_;
  if (!scan_.take("}")) scan_.complain(open, "the block is not closed: '}' is missing");
}

}  // namespace tombolo::mapping
