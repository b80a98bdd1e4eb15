#include "engine/mapping/trial/findings.h"

#include <algorithm>

#include "engine/formats/hl7v2/address.h"

namespace tombolo::trial {
namespace {

constexpr std::size_t longest_code = 64;  // bytes; what is longer was no code

std::string code_at(const Tree& source, NodeId node) {
  while (source[node].first != no_node) node = source[node].first;
  const auto text = source[node].value();
  return text.size() > longest_code ? "(too long for a code)" : std::string(text);
}

}  // namespace

std::string field_of(const Tree& source, NodeId node) { return without_repetitions(hl7v2::place(source, node)); }

std::string without_repetitions(std::string_view place) {
  std::string out;
  bool inside = false;
  for (const char c : place) {
    if (c == '[') inside = true;
    if (!inside) out += c;
    if (c == ']') inside = false;
  }
  return out;
}

void FindingTally::add(const RunReport::Line& line, const Place& rule, const Tree& source) {
  const auto field = line.source == no_node ? std::string() : field_of(source, line.source);
  auto& finding = findings_[{line.kind, field, line.text, rule.file, rule.line}];
  finding.kind = line.kind, finding.field = field, finding.text = line.text, finding.rule = rule;
  ++finding.times;
}

void FindingTally::add(const RunReport::Miss& miss, std::string_view table, const Tree& source) {
  if (miss.source == no_node) return;
  const auto code = code_at(source, miss.source);
  auto& met = misses_[{std::string(table), code}];
  if (met.times == 0) met = {std::string(table), code, field_of(source, miss.source), true, 0};
  met.ignored = met.ignored && miss.ignored;
  ++met.times;
}

std::vector<FindingTally::Finding> FindingTally::findings() const {
  std::vector<Finding> list;
  for (const auto& [key, finding] : findings_) list.push_back(finding);
  std::stable_sort(list.begin(), list.end(), [](const Finding& a, const Finding& b) { return a.times > b.times; });
  return list;
}

std::vector<FindingTally::Miss> FindingTally::misses() const {
  std::vector<Miss> list;
  for (const auto& [key, miss] : misses_) list.push_back(miss);
  std::stable_sort(list.begin(), list.end(), [](const Miss& a, const Miss& b) { return a.table != b.table ? a.table < b.table : a.times > b.times; });
  return list;
}

}  // namespace tombolo::trial
