// Tallies over many runs: which rules fired, and what became of each field's values.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/diagnostic.h"
#include "engine/mapping/mapping.h"
#include "engine/tree/tree.h"

namespace tombolo::trial {

// Rules by the place they stand at: one line that is compiled for several uses is one rule.
class RuleTally {
 public:
  struct File {
    std::string name;
    std::size_t rules = 0, fired = 0;
    std::vector<Place> never;
  };

  // Rules: Maps, Edits or Messages. know: once for each set of them, also where nothing is run; fired: of a run with `watch`.
  template <class Rules>
  void know(const Rules& rules) {
    for (std::uint32_t rule = 1; rule <= rules.rules(); ++rule) fired_.try_emplace(at(rules.place(rule)), false);
  }
  template <class Rules>
  void add(const Rules& rules, const std::vector<bool>& fired) {
    for (std::uint32_t rule = 1; rule < fired.size(); ++rule)
      if (fired[rule]) fired_[at(rules.place(rule))] = true;
  }
  std::vector<File> files() const;                          // by name

 private:
  struct At {
    std::string file;
    int line = 0, column = 0;
    auto operator<=>(const At&) const = default;
  };
  static At at(const Place& place);
  std::map<At, bool> fired_;
};

// What became of a valued leaf of the message.
enum class Fate : std::uint8_t {
  written,      // a value at the end was computed from it
  decided,      // only a condition or a key read it
  taken_back,   // it was written, and what it stood in did not come to stand
  passed_over,  // a rule read it, and another value, or none, was written
  unmapped,     // no rule read it
};
std::string_view name(Fate fate);                           // "passed over"
constexpr std::size_t fates = 5;

// Per node of the source, for those that hold text.
std::vector<Fate> fates_of(const Tree& source, const Tree& bundle, const RunReport& report);

class FieldTally {
 public:
  struct Field {
    std::string segment;
    int number = 0;
    std::size_t messages = 0;                               // in which it has a value
    std::size_t valued = 0;                                 // its repetitions with a value
    std::size_t mapped = 0;                                 // … of which something was written
    std::size_t leaves[fates] = {};                         // its values: components, sub-components
    std::map<std::string, std::size_t> unmapped;            // parts that no rule reads: "PID-3.6" → times
  };

  // MSH-1 and MSH-2 are no values.
  void add(const Tree& source, const Tree& bundle, const RunReport& report);
  std::vector<Field> fields() const;                        // segments by name, MSH first

 private:
  std::map<std::pair<std::string, int>, Field> fields_;
};

}  // namespace tombolo::trial
