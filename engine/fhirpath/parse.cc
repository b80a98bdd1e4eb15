#include "engine/fhirpath/parse.h"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/base/text.h"
#include "engine/fhirpath/lexer.h"
#include "engine/fhirpath/value.h"

namespace tombolo::fhirpath {
namespace {

// How tightly operators hold, as in the grammar of FHIRPath. `not` (map dialect) stands between `in` and `and`.
enum Strength { loosest, implies_, or_, and_, not_, membership, equality, inequality, unions, type_, additive, multiplicative,
                polarity };

struct Infix {
  Mark mark;
  std::string_view spelled;
  Operator op;  // none: is, as
  Strength strength;
};

constexpr std::array infixes = {
    Infix{Mark::symbol, "*", Operator::multiply, multiplicative},   Infix{Mark::symbol, "/", Operator::divide, multiplicative},
    Infix{Mark::word, "div", Operator::div, multiplicative},        Infix{Mark::word, "mod", Operator::mod, multiplicative},
    Infix{Mark::symbol, "+", Operator::add, additive},              Infix{Mark::symbol, "-", Operator::subtract, additive},
    Infix{Mark::symbol, "&", Operator::concatenate, additive},      Infix{Mark::word, "is", Operator::none, type_},
    Infix{Mark::word, "as", Operator::none, type_},                 Infix{Mark::symbol, "|", Operator::unite, unions},
    Infix{Mark::symbol, "<", Operator::less, inequality},           Infix{Mark::symbol, "<=", Operator::less_or_equal, inequality},
    Infix{Mark::symbol, ">", Operator::greater, inequality},        Infix{Mark::symbol, ">=", Operator::greater_or_equal, inequality},
    Infix{Mark::symbol, "=", Operator::equal, equality},            Infix{Mark::symbol, "!=", Operator::not_equal, equality},
    Infix{Mark::symbol, "~", Operator::equivalent, equality},       Infix{Mark::symbol, "!~", Operator::not_equivalent, equality},
    Infix{Mark::word, "in", Operator::in, membership},              Infix{Mark::word, "contains", Operator::contains, membership},
    Infix{Mark::word, "and", Operator::logical_and, and_},          Infix{Mark::word, "or", Operator::logical_or, or_},
    Infix{Mark::word, "xor", Operator::logical_xor, or_},           Infix{Mark::word, "implies", Operator::implies, implies_},
};

constexpr std::array<std::string_view, 16> calendar_words = {
    "year", "month", "week", "day", "hour", "minute", "second", "millisecond",
    "years", "months", "weeks", "days", "hours", "minutes", "seconds", "milliseconds"};
constexpr std::array<std::string_view, 6> clause_words = {"as", "via", "with", "when", "on", "else"};
constexpr std::array<std::string_view, 6> operator_words = {"and", "or", "xor", "implies", "div", "mod"};

template <class List>
bool among(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

constexpr std::size_t max_height = 1000;  // of the tree of terms; a chain `a | b | c …` is as high as it is long

class Parser {
 public:
  Parser(std::string_view text, std::size_t start, Dialect dialect, bool line_ends)
      : text_(text), start_(start), lexer_(text, start, dialect), map_(dialect == Dialect::map), line_ends_(line_ends) {
    result_.expression.dialect = dialect;
    advance();
    open_ = 0;
  }

  Parsed longest() {
    result_.expression.root = expression(loosest);
    if (!result_.problem && token_.mark == Mark::bad && !ends_here()) fail(token_.begin, token_.text);
    result_.end = last_end_;
    return std::move(result_);
  }

  Parsed whole() {
    result_.expression.root = expression(loosest);
    if (!result_.problem && token_.mark != Mark::end) unexpected("an operator or the end");
    result_.end = last_end_;
    return std::move(result_);
  }

 private:
  TermId expression(Strength least) {
    if (++depth_ > max_expression_depth) return fail(token_.begin, "brackets or operators are nested too deep");
    TermId left = operand(least);
    while (left != no_term) {
      const Infix* const infix = current_infix();
      if (infix == nullptr || infix->strength <= least) break;
      left = continued(left, *infix);
    }
    --depth_;
    return left;
  }

  // The operator at the current token, if it may continue the expression here.
  const Infix* current_infix() const {
    if (token_.mark != Mark::symbol && token_.mark != Mark::word) return nullptr;
    if (ends_here()) return nullptr;
    if (map_ && token_.is_word("as")) return nullptr;
    const auto found = std::find_if(infixes.begin(), infixes.end(), [this](const Infix& infix) {
      return token_.mark == infix.mark && token_.text == infix.spelled;
    });
    return found == infixes.end() ? nullptr : &*found;
  }

  bool ends_here() const { return line_ends_ && open_ == 0 && token_.starts_line; }

  TermId continued(TermId left, const Infix& infix) {
    Term term;
    term.offset = offset();
    term.first = left;
    const bool test = token_.is_word("is");
    advance();
    if (infix.op == Operator::none) {
      term.form = test ? Form::type_test : Form::type_cast;
      if (!type_specifier(term.text)) return no_term;
      return add(std::move(term));
    }
    term.form = Form::binary;
    term.op = infix.op;
    term.second = expression(infix.strength);
    if (term.second == no_term) return no_term;
    return add(std::move(term));
  }

  bool type_specifier(std::string& name) {
    for (;;) {
      if (token_.mark != Mark::word && token_.mark != Mark::quoted_word) {
        unexpected("the name of a type");
        return false;
      }
      name += token_.text;
      advance();
      if (!token_.is_symbol(".") || ends_here()) return true;
      advance();
      name += '.';
    }
  }

  TermId operand(Strength least) {
    const bool sign = token_.is_symbol("-") || token_.is_symbol("+");
    if (sign || (map_ && token_.is_word("not"))) return prefixed(least, sign);
    TermId term = primary();
    while (term != no_term && !ends_here()) {
      if (token_.is_symbol(".")) term = invocation(term);
      else if (token_.is_symbol("[")) term = indexer(term);
      else break;
    }
    return term;
  }

  TermId prefixed(Strength least, bool sign) {
    if (!sign && least > not_) return fail(token_.begin, "put this 'not …' in brackets: what stands before it holds tighter");
    Term term;
    term.form = Form::unary;
    term.offset = offset();
    term.op = token_.is_symbol("-") ? Operator::minus : sign ? Operator::plus : Operator::logical_not;
    advance();
    if (!sign && (token_.is_symbol(".") || token_.mark == Mark::end)) return unexpected("an expression after 'not'");
    term.first = expression(sign ? polarity : and_);  // `not` reaches as far as comparisons do
    return term.first == no_term ? no_term : add(std::move(term));
  }

  TermId invocation(TermId before) {
    const std::size_t dot = token_.begin;
    advance();
    if (token_.mark != Mark::word && token_.mark != Mark::quoted_word) {
      if (token_.mark == Mark::dollar) return fail(token_.begin, "'$" + token_.text + "' cannot follow a dot");
      return fail(token_.mark == Mark::bad ? token_.begin : std::max(dot, token_.begin),
                  token_.mark == Mark::bad ? token_.text : "expected an element or a function after the dot, found " + shown());
    }
    return named(before);
  }

  // A name that is an element, or a function if a bracket follows.
  TermId named(TermId before) {
    Term term;
    term.offset = offset();
    term.text = token_.text;
    term.first = before;
    term.form = before == no_term ? Form::name : Form::member;
    advance();
    if (!token_.is_symbol("(") || ends_here()) return add(std::move(term));
    term.form = Form::call;
    return call(std::move(term));
  }

  TermId call(Term term) {
    open();
    std::vector<TermId> arguments;
    while (!token_.is_symbol(")")) {
      const TermId argument = expression(loosest);
      if (argument == no_term) return no_term;
      arguments.push_back(argument);
      if (token_.is_symbol(")")) break;
      if (!token_.is_symbol(",")) return unexpected("',' or ')'");
      advance();
      if (token_.is_symbol(")")) return unexpected("an argument");
    }
    close();
    auto& list = result_.expression.arguments;
    term.arguments = static_cast<std::uint32_t>(list.size());
    term.argument_count = static_cast<std::uint32_t>(arguments.size());
    list.insert(list.end(), arguments.begin(), arguments.end());
    return add(std::move(term));
  }

  TermId indexer(TermId before) {
    if (map_) {
      return fail(token_.begin, "[n] stands only in addresses, where it counts from 1; here say first(), last() or skip(n).first()");
    }
    Term term;
    term.form = Form::index;
    term.offset = offset();
    term.first = before;
    open();
    term.second = expression(loosest);
    if (term.second == no_term) return no_term;
    if (!token_.is_symbol("]")) return unexpected("']'");
    close();
    return add(std::move(term));
  }

  TermId primary() {
    switch (token_.mark) {
      case Mark::string: return literal(Form::string);
      case Mark::integer:
      case Mark::decimal: return number();
      case Mark::long_integer: return literal(Form::long_integer);
      case Mark::date: return moment(Form::date);
      case Mark::date_time: return moment(Form::date_time);
      case Mark::time: return moment(Form::time);
      case Mark::percent: return literal(Form::variable);
      case Mark::dollar: return dollar();
      case Mark::quoted_word: return named(no_term);
      case Mark::word: return word();
      case Mark::symbol: return bracketed();
      case Mark::end:
      case Mark::bad: break;
    }
    return unexpected("an expression");
  }

  TermId literal(Form form) {
    Term term;
    term.form = form;
    term.offset = offset();
    term.text = token_.text;
    advance();
    return add(std::move(term));
  }

  TermId number() {
    Term term;
    term.form = token_.mark == Mark::integer ? Form::integer : Form::decimal;
    term.offset = offset();
    term.text = token_.text;
    advance();
    const bool calendar = token_.mark == Mark::word && among(calendar_words, token_.text);
    if ((calendar || token_.mark == Mark::string) && !ends_here()) {
      term.form = Form::quantity;
      term.calendar = calendar;
      term.unit = token_.text;
      advance();
    }
    return add(std::move(term));
  }

  TermId moment(Form form) {
    const auto read = form == Form::date ? to_date(token_.text) : form == Form::time ? to_time(token_.text) : to_date_time(token_.text);
    if (!read) return fail(token_.begin, "there is no such date or time");
    return literal(form);
  }

  TermId dollar() {
    const Form form = token_.text == "this" ? Form::focus : token_.text == "index" ? Form::position : Form::total;
    if (form == Form::total && token_.text != "total") {
      return fail(token_.begin, "unknown '$" + token_.text + "': expected $this, $index or $total");
    }
    return literal(form);
  }

  TermId word() {
    if (token_.text == "true" || token_.text == "false") return literal(Form::boolean);
    if (among(operator_words, token_.text)) return unexpected("an expression");
    if (map_ && among(clause_words, token_.text)) {
      return fail(token_.begin, "expected an expression, found '" + token_.text + "' (an element of that name stands in backticks)");
    }
    if (map_ && looks_like_address(text_, token_.begin)) return address();
    return named(no_term);
  }

  TermId address() {
    ParsedAddress parsed = parse_address(text_, token_.begin);
    if (!parsed) return fail(parsed.problem->offset, parsed.problem->text);
    Term term;
    term.form = Form::address;
    term.offset = offset();
    term.address = static_cast<std::uint32_t>(result_.expression.addresses.size());
    result_.expression.addresses.push_back(std::move(parsed.address));
    lexer_.go_to(parsed.end);
    token_.end = parsed.end;
    advance();
    return add(std::move(term));
  }

  TermId bracketed() {
    if (token_.is_symbol("(")) {
      open();
      const TermId inside = expression(loosest);
      if (inside == no_term) return no_term;
      if (!token_.is_symbol(")")) return unexpected("')'");
      close();
      return inside;
    }
    if (!token_.is_symbol("{")) return unexpected("an expression");
    Term term;
    term.offset = offset();
    open();
    if (!token_.is_symbol("}")) return unexpected("'}': braces are empty in an expression");
    close();
    return add(std::move(term));
  }

  TermId add(Term term) {
    std::size_t height = 0;
    const auto rise = [&](TermId child) {
      if (child != no_term) height = std::max<std::size_t>(height, heights_[child]);
    };
    rise(term.first);
    rise(term.second);
    for (const TermId argument : result_.expression.arguments_of(term)) rise(argument);
    if (++height > max_height) return fail(term.offset, "an expression is too long: more than 1000 steps in a row");
    heights_.push_back(static_cast<std::uint16_t>(height));
    result_.expression.terms.push_back(std::move(term));
    return static_cast<TermId>(result_.expression.terms.size() - 1);
  }

  void open() { ++open_, advance(); }
  // The bracket closes before the next token is looked at, so that a line's end behind it counts.
  void close() { --open_, advance(); }

  void advance() {
    last_end_ = token_.end == 0 ? start_ : token_.end;
    token_ = lexer_.next();
    if (token_.begin > start_ + max_expression_size) {
      token_.mark = Mark::bad;
      token_.text = "an expression is longer than 64 KiB";
    }
  }

  std::uint32_t offset() const { return static_cast<std::uint32_t>(token_.begin); }

  std::string shown() const {
    if (token_.mark == Mark::end) return "the end";
    std::string_view found = text_.substr(token_.begin, token_.end - token_.begin);
    if (found.size() > 24) found = found.substr(0, found.find_first_of(" \t\r\n"));
    if (found.size() > 24) return "a long text";
    return quoted(found);
  }

  TermId unexpected(std::string_view expected) {
    if (token_.mark == Mark::bad) return fail(token_.begin, token_.text);
    std::string what = "expected " + std::string(expected) + ", found " + shown();
    if (token_.is_symbol("<-")) what += " (a comparison with a negative number needs a blank: '< -1')";
    if (token_.is_symbol("\"")) what += ": text stands between single quotes";
    return fail(token_.begin, std::move(what));
  }

  TermId fail(std::size_t where, std::string what) {
    if (!result_.problem) result_.problem = Problem{Severity::error, where, std::move(what)};
    return no_term;
  }

  std::string_view text_;
  std::size_t start_;
  Lexer lexer_;
  Token token_;
  bool map_;
  bool line_ends_;
  int open_ = 0;
  int depth_ = 0;
  std::size_t last_end_ = 0;
  std::vector<std::uint16_t> heights_;
  Parsed result_;
};

}  // namespace

Parsed parse(std::string_view text, Dialect dialect) { return Parser(text, 0, dialect, false).whole(); }

Parsed parse_longest(std::string_view text, std::size_t start, Dialect dialect) {
  return Parser(text, start, dialect, dialect == Dialect::map).longest();
}

}  // namespace tombolo::fhirpath
