#include "engine/filters/validate/findings.h"

#include <algorithm>

namespace tombolo {
namespace {
constexpr std::size_t most_kept = 100;
}  // namespace

void Findings::add(Breach finding, Weight most) {
  finding.weight = std::min(weights_[static_cast<std::size_t>(finding.family)], most);
  if (finding.weight == Weight::off) return;
  if (++counts_[static_cast<std::size_t>(finding.weight)] <= most_kept) list_.push_back(std::move(finding));
}

bool Findings::keeps(Family family) const {
  return wanted(family) && count(weights_[static_cast<std::size_t>(family)]) < most_kept;
}

void Findings::sort() {
  std::stable_sort(list_.begin(), list_.end(), [](const Breach& a, const Breach& b) { return a.segment < b.segment; });
}

std::vector<Complaint> Findings::complaints() const {
  std::vector<Complaint> out;
  for (const Breach& f : list_) {
    if (f.weight == Weight::error) out.push_back({f.location.empty() ? f.place : f.location, std::string(f.code), "E", f.text});
  }
  return out;
}

std::string Findings::summary() const {
  const auto first = std::find_if(list_.begin(), list_.end(), [](const Breach& f) { return f.weight == Weight::error; });
  if (first == list_.end()) return {};
  std::string out = first->place.empty() ? first->text : first->place + ": " + first->text;
  if (count(Weight::error) > 1) out += " (and " + std::to_string(count(Weight::error) - 1) + " more)";
  return out;
}

}  // namespace tombolo
