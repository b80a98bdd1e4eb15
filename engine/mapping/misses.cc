#include "engine/mapping/misses.h"

#include <algorithm>

#include "engine/mapping/trial/findings.h"

namespace tombolo {
namespace {

constexpr std::size_t longest_code = 64;  // bytes

bool is_code(const V2Field& what, const V2Type* within) {
  if (what.type->name == "ID" || what.type->name == "IS") return true;
  return within && within->name == "CWE" && (what.number == 1 || what.number == 4);
}

// Does HL7 put a code where the value of this leaf stands? A field without components stands for its first.
bool coded(const Tree& source, NodeId leaf, const V2Dictionary& dictionary) {
  const V2Field* what = dictionary.field_at(source[leaf].element);
  if (what == nullptr || source[leaf].parent == no_node) return false;
  const V2Field* around = dictionary.field_at(source[source[leaf].parent].element);
  const V2Type* within = around ? around->type : nullptr;
  while (!what->type->primitive && !what->type->components.empty()) {
    within = what->type;
    what = &what->type->components.front();
  }
  return is_code(*what, within);
}

bool looks_like_a_code(std::string_view text) {
  return text.size() <= longest_code && std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) > ' '; });
}

}  // namespace

std::vector<Miss> misses_of(const std::vector<RunReport::Miss>& missed, const std::function<std::string_view(const CodeTable&)>& table,
                            const Tree& source, const V2Dictionary& dictionary) {
  std::vector<Miss> misses;
  for (const auto& miss : missed) {
    if (miss.source == no_node) continue;
    NodeId leaf = miss.source;
    while (source[leaf].first != no_node) leaf = source[leaf].first;
    const auto text = source[leaf].value();
    const bool shown = coded(source, leaf, dictionary) && looks_like_a_code(text);
    misses.push_back({std::string(table(*miss.table)), trial::field_of(source, miss.source), shown ? std::string(text) : std::string(), miss.ignored});
  }
  return misses;
}

}  // namespace tombolo
