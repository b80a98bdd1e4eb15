#include "engine/schema/ucum.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "engine/base/letters.h"

namespace tombolo {
namespace {

Wide magnitude(Wide n) { return n < 0 ? -n : n; }

Wide common_divisor(Wide a, Wide b) {
  a = magnitude(a), b = magnitude(b);
  while (b != 0) {
    const Wide rest = a % b;
    a = b, b = rest;
  }
  return std::max<Wide>(a, 1);
}

// Tens go where they take no room.
void without_tens(Wide& n, int& tens, int step) {
  while (n != 0 && n % 10 == 0) n /= 10, tens += step;
}

std::string_view cut(std::string_view& rest, char separator) {
  const std::size_t at = std::min(rest.find(separator), rest.size());
  const std::string_view part = rest.substr(0, at);
  rest.remove_prefix(std::min(at + 1, rest.size()));
  return part;
}

// A number as the table has it: "6.0221367", "1e-15". Exact up to 18 digits; pi is not.
std::optional<Factor> number(std::string_view text) {
  std::int64_t digits = 0;
  int count = 0, scale = 0;
  bool point = false, exact = true;
  std::size_t at = 0;
  for (; at < text.size() && (is_digit(text[at]) || text[at] == '.'); ++at) {
    if (text[at] == '.') point = true;
    else if (count < 18) digits = digits * 10 + (text[at] - '0'), count += digits != 0, scale += point;
    else exact = false, scale -= !point;
  }
  if (at < text.size() && text[at] == 'e') scale -= std::stoi(std::string(text.substr(at + 1)));
  if (digits == 0) return std::nullopt;
  Factor f = factor_of(digits, scale);
  f.exact = exact;
  return f;
}

}  // namespace

Factor factor_of(Wide digits, int scale) {
  Factor f{digits, 1, -scale, true, static_cast<long double>(digits) * std::pow(10.0L, static_cast<long double>(-scale))};
  without_tens(f.above, f.tens, 1);
  return f;
}

void Factor::multiply(const Factor& other) {
  about *= other.about;
  tens += other.tens;
  const Wide left = common_divisor(above, other.below), right = common_divisor(other.above, below);
  exact = exact && other.exact && !__builtin_mul_overflow(above / left, other.above / right, &above) &&
          !__builtin_mul_overflow(below / right, other.below / left, &below);
  if (!exact) return;
  without_tens(above, tens, 1);
  without_tens(below, tens, -1);
}

void Factor::divide(const Factor& other) {
  const Wide sign = other.above < 0 ? -1 : 1;
  multiply({other.below * sign, other.above * sign, -other.tens, other.exact, 1 / other.about});
}

// term = ["/"] component { ("." | "/") component }, as in UCUM 2.3; a component is an atom with its prefix, exponent and annotation,
// a number, an annotation, or a term in brackets.
class UnitReader {
 public:
  UnitReader(std::string_view text, const Ucum& ucum) : rest_(text), ucum_(ucum) {}

  std::optional<Unit> read() {
    Unit unit;
    if (rest_.empty() || rest_.size() > 100 || !term(unit, 0) || !rest_.empty() || !std::isfinite(unit.factor.about)) return std::nullopt;
    return unit;
  }

 private:
  bool term(Unit& unit, int depth) {
    if (depth > 10) return false;
    bool below = take('/'), alone = !below;
    for (;;) {
      Unit part;
      if (!component(part, depth)) return false;
      const bool last = rest_.empty() || (rest_[0] != '.' && rest_[0] != '/');
      if (part.special) return alone && last && (unit = part, true);
      if (!join(unit, part, below ? -1 : 1)) return false;
      if (last) return true;
      alone = false;
      below = rest_[0] == '/';
      rest_.remove_prefix(1);
    }
  }

  bool component(Unit& unit, int depth) {
    if (take('(')) return term(unit, depth + 1) && take(')');
    if (annotation()) return true;
    const bool ten = rest_.starts_with("10*") || rest_.starts_with("10^");
    if (ten || rest_.empty() || !is_digit(rest_[0])) return symbol(unit, ten) && (annotation() || true);
    const int n = digits();
    unit.factor = factor_of(n, 0);
    return n > 0 && (annotation() || true);
  }

  bool symbol(Unit& unit, bool ten) {
    std::size_t size = ten ? 3 : 0;
    bool bracket = false;
    while (!ten && size < rest_.size() && (bracket || std::string_view("./(){}+-0123456789").find(rest_[size]) == std::string_view::npos)) {
      if (rest_[size] == '[') bracket = true;
      if (rest_[size] == ']') bracket = false;
      ++size;
    }
    Unit one;
    if (size == 0 || !known(rest_.substr(0, size), one)) return false;
    rest_.remove_prefix(size);
    int exponent = 1;
    const bool minus = take('-'), sign = minus || take('+');
    const bool given = !rest_.empty() && is_digit(rest_[0]);
    if (given) exponent = digits();
    if ((sign && !given) || exponent > 30) return false;
    if (one.special) return !given && (unit = one, true);
    return join(unit, one, minus ? -exponent : exponent);
  }

  bool known(std::string_view code, Unit& unit) const {
    if (const auto* const found = ucum_.atom(code)) return unit = found->unit, true;
    for (const auto& prefix : ucum_.prefixes_) {
      if (!code.starts_with(prefix.code)) continue;
      const auto* const found = ucum_.atom(code.substr(prefix.code.size()));
      if (found == nullptr || !found->metric) continue;
      unit = found->unit;
      unit.factor.multiply(prefix.factor);
      unit.zero.divide(prefix.factor);
      return true;
    }
    return false;
  }

  static bool join(Unit& unit, const Unit& part, int exponent) {
    for (int i = exponent < 0 ? -exponent : exponent; i > 0; --i) exponent > 0 ? unit.factor.multiply(part.factor) : unit.factor.divide(part.factor);
    for (std::size_t i = 0; i < unit_dimensions; ++i) {
      const int sum = unit.dimension[i] + part.dimension[i] * exponent;
      if (sum > 100 || sum < -100) return false;
      unit.dimension[i] = static_cast<std::int8_t>(sum);
    }
    return true;
  }

  bool annotation() {
    if (rest_.empty() || rest_[0] != '{') return false;
    const std::size_t close = rest_.find('}');
    if (close == std::string_view::npos) return false;
    rest_.remove_prefix(close + 1);
    return true;
  }

  int digits() {
    int n = 0;
    for (; !rest_.empty() && is_digit(rest_[0]); rest_.remove_prefix(1)) {
      if (n < 100'000'000) n = n * 10 + (rest_[0] - '0');
    }
    return n;
  }

  bool take(char c) {
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::string_view rest_;
  const Ucum& ucum_;
};

Ucum::Ucum(std::string_view table) {
  for (int line = 1; !table.empty(); ++line) {
    std::string_view rest = cut(table, '\n');
    if (rest.empty() || rest.front() == '#') continue;
    const std::string_view kind = cut(rest, '\t');
    try {
      kind == "prefix" ? add_prefix(rest) : add_atom(kind, rest);
    } catch (const std::exception& wrong) {
      throw std::runtime_error("schemas/ucum/units.tsv:" + std::to_string(line) + ": " + wrong.what());
    }
  }
  std::stable_sort(prefixes_.begin(), prefixes_.end(), [](const Prefix& a, const Prefix& b) { return a.code.size() > b.code.size(); });
  std::sort(atoms_.begin(), atoms_.end(), [](const Atom& a, const Atom& b) { return a.code < b.code; });
  sorted_ = true;
}

void Ucum::add_prefix(std::string_view line) {
  const std::string_view code = cut(line, '\t');
  const auto factor = number(line);
  if (!factor) throw std::runtime_error("expected the factor of a prefix");
  prefixes_.push_back({code, *factor});
}

// An atom is defined by those above it.
void Ucum::add_atom(std::string_view kind, std::string_view line) {
  Atom atom;
  atom.code = cut(line, '\t');
  atom.metric = kind != "unit";
  if (kind == "base") {
    atom.unit.dimension[new_dimension()] = 1;
    return atoms_.push_back(atom);
  }
  const auto value = number(cut(line, '\t'));
  const auto of = read(cut(line, '\t'));
  const std::string_view note = line;
  if (!value || !of) throw std::runtime_error("expected a value and a unit that is known by then");
  atom.unit = *of;
  atom.unit.factor.multiply(*value);
  if (note == "Cel" || note == "degF" || note == "degRe") {
    atom.unit.special = true;
    atom.unit.zero = note == "Cel" ? factor_of(27'315, 2) : note == "degF" ? factor_of(45'967, 2) : factor_of(21'852, 2);
  } else if (!note.empty() && (note != "arbitrary" || of->dimension == Dimension{})) {
    atom.unit = Unit{};
    atom.unit.dimension[new_dimension()] = 1;
    atom.unit.special = note != "arbitrary";
  }
  atoms_.push_back(atom);
}

std::size_t Ucum::new_dimension() {
  if (dimensions_ == unit_dimensions) throw std::runtime_error("there are more units of their own kind than there is room for");
  return dimensions_++;
}

const Ucum::Atom* Ucum::atom(std::string_view code) const {
  if (!sorted_) {
    const auto found = std::find_if(atoms_.begin(), atoms_.end(), [code](const Atom& a) { return a.code == code; });
    return found == atoms_.end() ? nullptr : &*found;
  }
  const auto found = std::lower_bound(atoms_.begin(), atoms_.end(), code, [](const Atom& a, std::string_view wanted) { return a.code < wanted; });
  return found != atoms_.end() && found->code == code ? &*found : nullptr;
}

std::optional<Unit> Ucum::read(std::string_view code) const { return UnitReader(code, *this).read(); }

}  // namespace tombolo
