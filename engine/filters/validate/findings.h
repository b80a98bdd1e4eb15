// What a validation found: each with its family, its severity, its place in the message and the code an ERR carries. No text
// or place ever holds a value of the message.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/formats/format.h"

namespace tombolo {

// What kind of rule was broken. How bad that is, a channel says a family at a time.
enum class Family : std::uint8_t {
  structure,    // segments and groups: missing, out of order, too often, without a place
  cardinality,  // fields and components: required and missing, repeated too often
  unknown,      // what this version of the standard does not have: Z segments, fields of other versions; receivers pass over it
  format,       // numbers, dates and times that are none
  vocabulary,   // codes that are not in their table
  length,       // longer than the data type (2.5 to 2.6)
};
constexpr std::array<std::string_view, 6> family_names{"structure", "cardinality", "unknown", "format", "vocabulary", "length"};

enum class Weight : std::uint8_t { off, information, warning, error };
constexpr std::array<std::string_view, 4> weight_names{"off", "information", "warning", "error"};

// The weight of each family, in the order of Family. This is the default.
using Weights = std::array<Weight, family_names.size()>;
constexpr Weights usual_weights{Weight::error, Weight::error, Weight::information, Weight::warning, Weight::information, Weight::off};

struct Breach {
  Family family{};
  Weight weight{};
  std::size_t segment = 0;    // the number of its segment in the message, from 1
  std::string place;          // for people: "PID-3[2].4", "ORDER_OBSERVATION[2].OBR"; empty: a segment without a proper name
  std::string location;       // for ERR: where `place` is nothing that a segment address can say, else empty
  std::string_view code;      // of table 0357
  std::string text;
};

class Findings {
 public:
  explicit Findings(const Weights& weights) : weights_(weights) {}

  // The weight is the family's, but never more than `most`. Of each weight the first hundred are kept, the rest only counted.
  void add(Breach finding, Weight most = Weight::error);
  bool wanted(Family family) const { return weights_[static_cast<std::size_t>(family)] != Weight::off; }
  bool keeps(Family family) const;                                 // is the next one of this family more than counted?
  void sort();                                                     // by the order of the message

  const std::vector<Breach>& list() const& { return list_; }
  std::vector<Breach> list() && { return std::move(list_); }
  std::size_t count(Weight weight) const { return counts_[static_cast<std::size_t>(weight)]; }
  bool failed() const { return count(Weight::error) > 0; }

  std::vector<Complaint> complaints() const;                       // an ERR for each error
  std::string summary() const;                                     // "PID-5: required in version 2.5 and not there (and 2 more)"

 private:
  Weights weights_;
  std::vector<Breach> list_;
  std::array<std::size_t, weight_names.size()> counts_{};
};

}  // namespace tombolo
