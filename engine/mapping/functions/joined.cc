#include "engine/mapping/functions/joined.h"

#include <algorithm>

namespace tombolo::mapping {

using fhirpath::Call;
using fhirpath::Item;
using fhirpath::Items;

std::optional<std::string_view> leaf_text(const Item& item, Call& call) {
  if (const auto* const ref = item.node()) {
    NodeId node = ref->node;
    while (node != no_node && (*ref->tree)[node].first != no_node) {
      node = (*ref->tree)[node].first;
      while (node != no_node && (*ref->tree)[node].holds == Holds::nothing && (*ref->tree)[node].first == no_node) node = (*ref->tree)[node].next;
    }
    if (node == no_node || (*ref->tree)[node].holds != Holds::text) return std::nullopt;
    return (*ref->tree)[node].value();
  }
  return fhirpath::text(item, call.arena());
}

bool texts_of_arguments(Call& call, bool keep_absent, Texts& texts) {
  for (std::size_t i = 0; i < call.count(); ++i) {
    Items items(call.arena());
    if (!call.argument(i, items)) return false;
    bool any = false;
    for (const auto& item : items) {
      const auto text = leaf_text(item, call);
      if (!text || text->empty()) continue;
      any = true;
      texts.parts.push_back(*text);
      const auto from = item.sources();
      texts.from.insert(texts.from.end(), from.begin(), from.end());
    }
    if (!any && keep_absent) texts.parts.emplace_back();
  }
  return true;
}

void add_text(Call& call, std::string_view text, std::span<const NodeId> from, Items& out) {
  auto* const nodes = static_cast<NodeId*>(call.arena().resource()->allocate(from.size() * sizeof(NodeId) + 1, alignof(NodeId)));
  std::copy(from.begin(), from.end(), nodes);
  out.add(Item{text, {nodes, from.size()}});
}

void add_joined(Call& call, const Texts& texts, std::string_view between, Items& out) {
  std::size_t size = 0;
  for (const auto part : texts.parts) size += part.size() + between.size();
  if (texts.parts.empty() || size == texts.parts.size() * between.size()) return;
  char* const begin = call.arena().buffer(size);
  char* at = begin;
  for (std::size_t i = 0; i < texts.parts.size(); ++i) {
    if (i > 0) at = std::copy(between.begin(), between.end(), at);
    at = std::copy(texts.parts[i].begin(), texts.parts[i].end(), at);
  }
  add_text(call, {begin, static_cast<std::size_t>(at - begin)}, texts.from, out);
}

}  // namespace tombolo::mapping
