#include "engine/mapping/language/parse.h"

#include <charconv>
#include <string>
#include <utility>

#include "engine/base/text.h"
#include "engine/mapping/language/scanner.h"
#include "engine/mapping/language/statements.h"

namespace tombolo::mapping {

namespace {

// The parts that stand at the left edge of a file: maps, segments, templates, lets.
class FileParser {
 public:
  FileParser(const Source& source, Diagnostics& diagnostics) : scan_(source, diagnostics), statements_(scan_) {}

  FileText file() {
    FileText result;
    for (scan_.lines(); !scan_.at_end(); scan_.lines()) {
      part(result);
      if (scan_.failed()) {
        scan_.recover();
        scan_.skip_whole_line();
      }
    }
    return result;
  }

 private:
  // One of the words that begin a part, followed by a name?
  bool begins(std::string_view word) {
    Scanner ahead = scan_;
    return ahead.take_word(word) && !ahead.word().empty();
  }
  bool begins_edit() {
    Scanner ahead = scan_;
    return ahead.take_word("edit") && (ahead.take("*") || (!ahead.word().empty() && !ahead.take(".")));
  }
  bool begins_extended_edit() {
    Scanner ahead = scan_;
    return ahead.take_word("extend") && ahead.take_word("edit") && (ahead.take("*") || !ahead.word().empty());
  }
  bool begins_part() { return begins("map") || begins("extend") || begins_edit() || begins("segment") || begins("template"); }

  void part(FileText& result) {
    if (begins_edit() || begins_extended_edit()) {
      result.edits.push_back(edit());
    } else if (begins("map") || begins("extend")) {
      result.maps.push_back(map());
    } else if (begins("segment")) {
      result.segments.push_back(segment());
    } else if (begins("template")) {
      result.templates.push_back(one_template());
    } else if (scan_.take_word("let")) {
      result.lets.push_back(statements_.let());
      end_of_line();
    } else {
      const auto word = Scanner(scan_).word();
      scan_.complain(scan_.at(), "expected 'map', 'extend', 'edit', 'segment', 'template' or 'let'" +
                                     suggestion(word.text, {"map", "extend", "edit", "segment", "template", "let"}));
    }
  }

  MapText map() {
    MapText m;
    scan_.blanks();
    m.at = scan_.at();
    m.from = &scan_.source();
    m.extends = scan_.take_word("extend");
    if (!m.extends) scan_.take_word("map");
    header(m);
    body(m.body, m.extends ? StatementParser::In::overlay : StatementParser::In::map);
    return m;
  }

  EditText edit() {
    EditText e;
    scan_.blanks();
    e.at = scan_.at();
    e.from = &scan_.source();
    e.extends = scan_.take_word("extend");
    scan_.take_word("edit");
    if (scan_.take("*")) {
      e.structures.push_back({"*", scan_.at() - 1});
    } else {
      do e.structures.push_back(scan_.word());
      while (!e.structures.back().empty() && scan_.take(","));
      if (e.structures.back().empty()) scan_.expected("a message structure");
    }
    if (!scan_.failed() && scan_.take_word("called")) {
      e.called = scan_.name();
      if (e.called.empty()) scan_.expected("the edit's name");
    }
    end_of_line();
    body(e.body, e.extends ? StatementParser::In::edit_overlay : StatementParser::In::edit);
    return e;
  }

  // The statements up to the next part.
  void body(std::vector<Statement>& into, StatementParser::In in) {
    if (scan_.failed()) scan_.recover(), scan_.skip_whole_line();
    for (scan_.lines(); !scan_.at_end() && !begins_part(); scan_.lines()) {
      if (scan_.peek() == '}') {
        scan_.complain(scan_.at(), "this '}' closes nothing");
        scan_.recover();
        scan_.take("}");
      } else {
        statements_.statement(into, in);
      }
    }
  }

  void header(MapText& m) {
    m.source = scan_.name();
    if (!scan_.take_word("to")) return scan_.expected("'to' and the type that the map builds");
    do {
      m.targets.push_back(scan_.name());
      if (m.targets.back().empty()) return scan_.expected("a type");
    } while (scan_.take(","));
    if (scan_.take_word("called")) {
      m.called = scan_.name();
      if (m.called.empty()) return scan_.expected("the map's name");
    }
    end_of_line();
    for (scan_.lines(); !scan_.failed(); scan_.lines()) {
      if (begins("reads")) reads(m);
      else if (begins("takes")) takes(m);
      else return;
      end_of_line();
    }
  }

  void reads(MapText& m) {
    scan_.take_word("reads");
    do {
      m.reads.push_back(scan_.name());
      if (m.reads.back().empty()) return scan_.expected("a segment");
    } while (scan_.take(","));
  }

  void takes(MapText& m) {
    scan_.take_word("takes");
    do {
      Take t;
      t.name = scan_.word();
      if (t.name.empty()) return scan_.expected("a parameter's name");
      if (!scan_.take(":")) return scan_.expected("':' and the parameter's type");
      t.type = scan_.name();
      if (t.type.empty()) return scan_.expected("a type, or 'table'");
      m.takes.push_back(t);
    } while (scan_.take(","));
  }

  SegmentText segment() {
    SegmentText s;
    scan_.take_word("segment");
    s.name = scan_.word();
    if (scan_.take_word("after")) {
      s.after = scan_.word();
      if (s.after.empty()) scan_.expected("a segment");
    }
    s.repeats = scan_.take_word("repeats");
    end_of_line();
    for (scan_.lines(); !scan_.failed() && is_digit(scan_.peek()); scan_.lines()) field(s);
    return s;
  }

  // "3  allergy id  EI repeats": number, words for people, type.
  void field(SegmentText& s) {
    SegmentText::Field f;
    const auto digits = scan_.number();
    std::from_chars(digits.text.data(), digits.text.data() + digits.text.size(), f.number);
    if (f.number == 0 || f.number > 999) return scan_.complain(digits.at, "a field's number is 1 to 999");
    std::vector<Words> words;
    while (!scan_.line_over() && !f.repeats) {
      words.push_back(scan_.word());
      if (words.back().empty()) return scan_.expected("the field's name and type");
      f.repeats = scan_.take_word("repeats");
    }
    if (words.empty()) return scan_.expected("the field's name and type");
    const Words first = words.front();
    f.type = words.back();
    f.name = {trim({first.text.data(), f.type.at - first.at}), first.at};
    end_of_line();
    s.fields.push_back(f);
  }

  TemplateText one_template() {
    TemplateText t;
    scan_.take_word("template");
    t.name = scan_.word();
    if (!scan_.take(":")) return scan_.expected("':' and the CDA type"), t;
    t.type = scan_.word();
    if (t.type.empty()) return scan_.expected("a CDA type"), t;
    scan_.blanks();
    t.id = scan_.name();
    if (t.id.empty()) return scan_.expected("the template's OID"), t;
    end_of_line();
    return t;
  }

  void end_of_line() {
    if (!scan_.failed() && !scan_.line_over()) scan_.expected("the end of the line");
    if (!scan_.failed() && scan_.peek() == '}') scan_.expected("the end of the line");
  }

  Scanner scan_;
  StatementParser statements_;
};

}  // namespace

FileText parse_map_file(const Source& source, Diagnostics& diagnostics) { return FileParser(source, diagnostics).file(); }

}  // namespace tombolo::mapping
