// UCUM: what a unit measures and how much of it, read by UCUM's grammar over the atoms of schemas/ucum/units.tsv.
//
// Factors are exact fractions as long as they fit into 128 bits, and always also a number close by. By UCUM a mole is a number
// (6.0221367e23), so mol/L and eq/L and 1/L measure the same.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace tombolo {

__extension__ using Wide = __int128;

// above / below * 10^tens, where exact; about: the same, nearly, always.
struct Factor {
  Wide above = 1;
  Wide below = 1;
  int tens = 0;
  bool exact = true;
  long double about = 1;

  void multiply(const Factor& other);
  void divide(const Factor& other);   // `other` is not 0
};

// digits * 10^-scale
Factor factor_of(Wide digits, int scale);

// Exponents: the seven base units, then one for each unit that is comparable with itself only.
constexpr std::size_t unit_dimensions = 72;
using Dimension = std::array<std::int8_t, unit_dimensions>;

struct Unit {
  Factor factor;          // of the product of base units
  Factor zero{0, 1, 0, true, 0};  // special units with another zero: (value + zero) * factor is in base units
  Dimension dimension{};
  bool special = false;   // stands alone: no part of a product, without exponent
};

class Ucum {
 public:
  Ucum() = default;                            // knows no unit
  // Throws std::runtime_error with the line if the table is damaged. `table` must outlive this.
  explicit Ucum(std::string_view table);

  // "mg/dL", "10*3/uL", "mm[Hg]", "/min", "{score}", "kg.m/s2". nothing: no such unit.
  std::optional<Unit> read(std::string_view code) const;

 private:
  struct Prefix {
    std::string_view code;
    Factor factor;
  };
  struct Atom {
    std::string_view code;
    bool metric = false;
    Unit unit;
  };
  friend class UnitReader;
  void add_prefix(std::string_view line);
  void add_atom(std::string_view kind, std::string_view line);
  std::size_t new_dimension();
  const Atom* atom(std::string_view code) const;

  std::vector<Prefix> prefixes_;   // longer codes first
  std::vector<Atom> atoms_;        // sorted by code when loaded
  std::size_t dimensions_ = 0;     // in use
  bool sorted_ = false;
};

}  // namespace tombolo
