#include "engine/command/watch.h"

#include <algorithm>
#include <charconv>

namespace tombolo {

void Watch::note(std::string_view control_id, std::string_view patient) {
  ++messages_;
  if (control_id.empty()) {
    ++unnamed_;
    return;
  }
  const bool fresh = seen_.emplace(control_id).second;
  if (!fresh) ++repeats_;
  const std::size_t digits = control_id.find_last_not_of("0123456789") + 1;  // npos + 1 is 0: all digits
  std::uint64_t number = 0;
  const auto [end, wrong] = std::from_chars(control_id.data() + digits, control_id.data() + control_id.size(), number);
  if (digits == control_id.size() || wrong != std::errc{}) return;
  const std::string prefix(control_id.substr(0, digits));
  Row& row = rows_[prefix];
  row.least = std::min(row.least, number);
  row.greatest = std::max(row.greatest, number);
  if (fresh) ++row.different;
  if (patient.empty()) return;
  std::uint64_t& last = last_[prefix + '\n' + std::string(patient)];
  if (number < last) ++order_faults_;
  last = std::max(last, number);
}

std::uint64_t Watch::gaps() const {
  std::uint64_t gaps = 0;
  for (const auto& [prefix, row] : rows_)
    gaps += row.greatest - row.least + 1 - std::min(row.different, row.greatest - row.least + 1);
  return gaps;
}

}  // namespace tombolo
