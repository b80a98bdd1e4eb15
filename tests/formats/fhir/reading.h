// Reading and printing FHIR in one line, and comparing JSON as values.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "engine/formats/fhir/parse.h"
#include "engine/formats/fhir/print.h"

namespace tombolo::test {

inline const FhirSchema& schema() {
  static const Library library;
  static const FhirSchema loaded(library);
  return loaded;
}

// Either syntax in, JSON or XML out; "fault: …" if one of the two says so.
inline std::string json_of(std::string_view bytes, int indent = 0, const FhirReading& reading = {}) {
  Arena arena;
  Tree tree(arena);
  const auto read = parse_fhir(bytes, schema(), tree, reading);
  return read ? print_fhir(tree, schema(), indent) : "fault: " + text(read.error());
}

inline std::string xml_of(std::string_view bytes, int indent = 0, const FhirReading& reading = {}) {
  Arena arena;
  Tree tree(arena);
  const auto read = parse_fhir(bytes, schema(), tree, reading);
  if (!read) return "fault: " + text(read.error());
  const auto printed = print_fhir_xml(tree, schema(), indent);
  return printed ? *printed : "fault: " + text(printed.error());
}

// The value with its members sorted by name: equal texts are equal JSON, numbers compared as text.
inline std::string sorted(const Tree& tree, NodeId node) {
  switch (json_kind(tree[node])) {
    case JsonKind::string: return "\"" + std::string(tree[node].value()) + "\"";
    case JsonKind::number:
    case JsonKind::boolean: return std::string(tree[node].value());
    case JsonKind::null: return "null";
    default: break;
  }
  std::vector<std::string> members;
  for (NodeId child = tree[node].first; child != no_node;) {
    std::string member = std::string(tree[child].name()) + ":";
    const NodeId first = child;
    do {
      member += sorted(tree, child) + (json_item(tree[child]) ? "," : "");
      child = tree[child].next;
    } while (child != no_node && json_item(tree[first]) && tree[child].name() == tree[first].name());
    members.push_back(std::move(member));
  }
  std::sort(members.begin(), members.end());
  std::string all = json_kind(tree[node]) == JsonKind::array ? "[" : "{";
  for (const auto& member : members) all += member + ";";
  return all + "}";
}

inline std::string sorted(std::string_view bytes) {
  Arena arena;
  Tree tree(arena);
  const auto read = parse_json(bytes, tree);
  return read ? sorted(tree, tree.root()) : text(read.error());
}

}  // namespace tombolo::test
