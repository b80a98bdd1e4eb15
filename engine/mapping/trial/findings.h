// Findings of many runs, counted: what was reported, and the codes that no table has. No value of a message is kept, except
// those codes.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "engine/base/result.h"
#include "engine/mapping/mapping.h"
#include "engine/tree/tree.h"

namespace tombolo::trial {

class FindingTally {
 public:
  struct Finding {
    Kind kind = Kind::malformed;  // malformed: a value that the rule could not write
    std::string field;            // "PID-7"; empty: none is known
    std::string text;             // what was reported
    Place rule;                   // line 0: none
    std::size_t times = 0;
  };
  struct Miss {
    std::string table;
    std::string code;
    std::string field;            // where it was met first
    bool ignored = false;         // the rules say that such a miss does not matter
    std::size_t times = 0;
  };

  // Rules: Maps or Edits; report: of their run over `source`.
  template <class Rules, class Report>
  void add(const Rules& rules, const Tree& source, const Report& report) {
    for (const auto& line : report.lines) add(line, rules.place(line.rule), source);
    for (const auto& miss : report.missed) add(miss, rules.table(*miss.table), source);
  }
  std::vector<Finding> findings() const;  // the most frequent first
  std::vector<Miss> misses() const;       // by table, the most frequent first

 private:
  void add(const RunReport::Line& line, const Place& rule, const Tree& source);
  void add(const RunReport::Miss& miss, std::string_view table, const Tree& source);

  std::map<std::tuple<Kind, std::string, std::string, std::string, int>, Finding> findings_;
  std::map<std::pair<std::string, std::string>, Miss> misses_;
};

// The address of a node without its repetitions: "OBX-5.2".
std::string field_of(const Tree& source, NodeId node);
std::string without_repetitions(std::string_view place);

}  // namespace tombolo::trial
