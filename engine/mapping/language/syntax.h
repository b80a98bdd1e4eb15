// The text of a map file as a tree of statements, each piece with its place; nothing is looked up yet.
// All texts are views into the Source the file was parsed from.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace tombolo::mapping {

class Source;

// A piece of the file. `at` is its byte offset there; empty: the file does not say it.
struct Words {
  std::string_view text;
  std::uint32_t at = 0;
  bool empty() const { return text.empty(); }
};

// What to do when a value is bad, a table has no row, or the sender says "".
enum class OnError : std::uint8_t { unsaid, keep_partial, keep_text, data_absent, drop, try_next, fail };
enum class OnMiss : std::uint8_t { unsaid, keep, ignore, fail };
enum class OnDelete : std::uint8_t { unsaid, ignore, text };

struct Clauses {
  struct With {
    Words name;
    Words value;
  };
  Words as;
  Words via;  // a table's name, or %name
  std::vector<With> with;
  Words when;
  OnError on_error = OnError::unsaid;
  OnMiss on_miss = OnMiss::unsaid;
  OnDelete on_delete = OnDelete::unsaid;
  std::uint32_t on_error_at = 0, on_miss_at = 0, on_delete_at = 0;
  Words delete_text;  // unescaped is the compiler's business: still in quotes
};

struct Alternative {
  std::vector<Words> sources;
  Clauses clauses;
};

// One step of a target: an element, an extension by name, or a number of an HL7 address (PID-3[1].4: "PID", 3 at 1, 4).
struct Step {
  enum class Kind : std::uint8_t { element, extension, field, component };
  Kind kind = Kind::element;
  Words name;                 // element: its name; extension: the string, in quotes
  std::uint32_t number = 0;   // field and component
  std::uint32_t repeat = 0;   // [n] behind a field or a segment; 0: none
};

struct Target {
  Words variable;             // with its %, or empty
  std::vector<Step> steps;
  Words whole;
};

struct Statement {
  enum class Kind : std::uint8_t { rule, element, entry_rule, entry, each, condition, include, let, gives, remove, erase, add, move, copy };
  Kind kind = Kind::rule;
  const Source* source = nullptr;       // the file it stands in: overlays mix statements of several
  bool replace = false;                 // in `extend`: takes the place of the base's rules for the target, of an edit of such statements
  std::uint32_t at = 0;
  Target target;                        // rule, element, remove; move SEG, copy SEG
  Words name;                           // entry, let; add SEG
  Words type;                           // entry; element: the type of a choice
  Words over;                           // each E, T each E, if E, include E, let n = E; remove T <- E; delete E; add, move, copy SEG after E
  bool before = false;                  // add, move, copy SEG before E
  Clauses clauses;                      // of blocks and of include
  std::vector<Alternative> chain;       // rule, entry_rule, gives
  std::vector<Statement> body;          // of blocks; remove, of an edit: what is meant, if it is no rule
};

struct Take {
  Words name;
  Words type;
};

struct MapText {
  bool extends = false;                 // `extend` instead of `map`
  const Source* from = nullptr;
  std::uint32_t at = 0;
  Words source;
  std::vector<Words> targets;
  Words called;
  std::vector<Words> reads;
  std::vector<Take> takes;
  std::vector<Statement> body;
};

// Changes to messages: v2 in, v2 out.
struct EditText {
  bool extends = false;                 // `extend edit` instead of `edit`
  const Source* from = nullptr;
  std::uint32_t at = 0;
  std::vector<Words> structures;        // "*" alone: every message
  Words called;
  std::vector<Statement> body;
};

// A Z-segment, one line a field.
struct SegmentText {
  struct Field {
    std::uint32_t number = 0;
    Words name;
    Words type;
    bool repeats = false;
  };
  Words name;
  Words after;
  bool repeats = false;
  std::vector<Field> fields;
};

struct TemplateText {
  Words name;
  Words type;
  Words id;
};

struct FileText {
  std::vector<MapText> maps;
  std::vector<EditText> edits;
  std::vector<SegmentText> segments;
  std::vector<TemplateText> templates;
  std::vector<Statement> lets;
};

}  // namespace tombolo::mapping
