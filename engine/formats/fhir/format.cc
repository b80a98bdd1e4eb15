#include "engine/formats/fhir/format.h"

#include <algorithm>
#include <functional>

#include "engine/base/json.h"
#include "engine/base/text.h"
#include "engine/formats/fhir/parse.h"
#include "engine/formats/fhir/print.h"

namespace tombolo {
namespace {

constexpr std::size_t most_keys = 64;  // of one list: a large Bundle must not fill the index

FhirReading reading_of(const Reading& reading) {
  FhirReading made;
  made.keep_unknown = reading.keep_unknown;
  made.skip_comments = reading.skip_comments;
  return made;
}

// Answers questions about one resource and, if it is a Bundle, those in it.
class Look {
 public:
  Look(const Tree& tree, const FhirSchema& schema) : tree_(tree), schema_(schema) {
    resources_.push_back(tree.root());
    for (NodeId entry = tree.child(tree.root(), "entry"); entry != no_node; entry = tree.next_same(entry)) {
      const NodeId resource = tree.child(entry, "resource");
      if (resource != no_node) resources_.push_back(resource);
    }
  }

  std::string_view type(NodeId resource) const { return schema_[tree_[resource].element].name; }
  const std::vector<NodeId>& resources() const { return resources_; }

  NodeId first(std::string_view wanted) const {
    const auto found = std::find_if(resources_.begin(), resources_.end(), [&](NodeId one) { return type(one) == wanted; });
    return found == resources_.end() ? no_node : *found;
  }

  // The values at "Patient.identifier.value", in document order.
  std::vector<std::string> values(std::string_view path) const {
    std::vector<std::string> found;
    const auto steps = split(path, '.');
    for (const NodeId resource : resources_) {
      if (type(resource) == steps.front()) collect(resource, std::span(steps).subspan(1), found);
    }
    return found;
  }

  std::string value(NodeId node, std::initializer_list<std::string_view> path) const {
    for (const std::string_view name : path) {
      if (node == no_node) return "";
      node = tree_.child(node, name);
    }
    return node == no_node ? "" : std::string(tree_[node].value());
  }

 private:
  void collect(NodeId node, std::span<const std::string_view> steps, std::vector<std::string>& found) const {
    if (found.size() >= most_keys) return;
    if (steps.empty()) {
      if (tree_[node].holds == Holds::text) found.emplace_back(tree_[node].value());
      return;
    }
    for (NodeId child = tree_.child(node, steps.front()); child != no_node; child = tree_.next_same(child)) collect(child, steps.subspan(1), found);
  }

  const Tree& tree_;
  const FhirSchema& schema_;
  std::vector<NodeId> resources_;
};

void add_once(std::vector<std::string>& list, std::string value) {
  if (!value.empty() && list.size() < most_keys && std::find(list.begin(), list.end(), value) == list.end()) list.push_back(std::move(value));
}

void add_keys(Peek& peek, std::string_view kind, std::vector<std::string> values) {
  for (std::string& value : values) {
    if (peek.keys.size() < most_keys) peek.keys.push_back({std::string(kind), std::move(value)});
  }
}

void add_patients(Peek& peek, const Look& look) {
  for (const NodeId resource : look.resources()) {
    if (look.type(resource) == "Patient") {
      const std::string id = look.value(resource, {"id"});
      if (!id.empty()) add_once(peek.order_keys, "Patient/" + id);
    }
    for (const auto* name : {"subject", "patient"}) {
      const std::string to = look.value(resource, {name, "reference"});
      if (to.starts_with("Patient/")) add_once(peek.order_keys, to);
    }
  }
}

// The resources of NDJSON, by their braces; what stands outside of them is part of the one before, for parse to refuse.
std::vector<std::string_view> values_in_a_row(std::string_view bytes) {
  std::vector<std::string_view> all;
  std::size_t begin = 0, depth = 0;
  bool text = false;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    const char c = bytes[at];
    if (text) {
      if (c == '\\') ++at;
      else text = c != '"';
    } else if (c == '"') {
      text = true;
    } else if (c == '{') {
      if (depth++ == 0 && !trim(bytes.substr(begin, at - begin)).empty() && bytes[at - 1] == '\n') {
        all.push_back(trim(bytes.substr(begin, at - begin)));
        begin = at;
      }
    } else if (c == '}' && depth > 0) {
      --depth;
    }
  }
  if (all.empty()) return {bytes};
  all.push_back(trim(bytes.substr(begin)));
  return all;
}

class FhirFormat final : public Format {
 public:
  explicit FhirFormat(const FhirSchema& schema) : schema_(schema) {}

  bool canonical() const override { return true; }
  std::string_view content_type(std::string_view bytes) const override {
    return fhir_syntax(bytes) == FhirSyntax::xml ? "application/fhir+xml" : "application/fhir+json";
  }

  Result<Peek> peek(std::string_view bytes, const PeekPaths& paths, const Reading& reading) const override {
    Arena arena;
    Tree tree(arena);
    if (const auto read = parse_fhir(bytes, schema_, tree, reading_of(reading)); !read) return read.error();
    const Look look(tree, schema_);
    Peek peek;
    peek.version = "4.0.1";
    peek.type = peek.structure = look.type(tree.root());
    const NodeId header = look.first("MessageHeader");
    if (peek.type == "Bundle") {
      peek.type = peek.structure = "Bundle/" + (header == no_node ? look.value(tree.root(), {"type"}) : "message");
      peek.control_id = look.value(tree.root(), {"identifier", "value"});
    }
    if (peek.control_id.empty()) peek.control_id = look.value(tree.root(), {"id"});
    peek.sender = look.value(header, {"source", "endpoint"});
    if (peek.sender.empty()) peek.sender = look.value(tree.root(), {"meta", "source"});
    if (header != no_node && paths.duplicate.empty() && !peek.control_id.empty()) peek.duplicate_key = peek.sender + "|" + peek.control_id;
    for (const auto& path : paths.duplicate) {
      for (const auto& value : look.values(path)) peek.duplicate_key += (peek.duplicate_key.empty() ? "" : "|") + value;
    }
    if (paths.order.empty()) add_patients(peek, look);
    for (const auto& path : paths.order) {
      for (auto& value : look.values(path)) add_once(peek.order_keys, std::move(value));
    }
    if (peek.order_keys.empty()) peek.order_keys.push_back(peek.sender);
    if (!peek.control_id.empty()) add_keys(peek, "control", {peek.control_id});
    add_keys(peek, "patient", look.values("Patient.identifier.value"));
    add_keys(peek, "visit", look.values("Encounter.identifier.value"));
    add_keys(peek, "order", look.values("ServiceRequest.identifier.value"));
    for (const auto& [kind, path] : paths.index) add_keys(peek, kind, look.values(path));
    return peek;
  }

  Result<std::vector<std::string_view>> split(std::string_view bytes) const override {
    return fhir_syntax(bytes) == FhirSyntax::xml ? std::vector<std::string_view>{bytes} : values_in_a_row(bytes);
  }

  Result<void> parse(std::string_view bytes, const Reading& reading, Tree& tree, std::vector<Complaint>&) const override {
    return parse_fhir(bytes, schema_, tree, reading_of(reading));
  }

  Result<std::string> print(const Tree& tree) const override { return print_fhir(tree, schema_); }

  std::string answer(std::string_view message, const Answer& answer, Time, std::string_view id) const override {
    if (!answer.relayed.empty()) return answer.relayed;
    const std::string json = outcome(answer, id);
    if (fhir_syntax(message) == FhirSyntax::json) return json;
    Arena arena;
    Tree tree(arena);
    if (!parse_fhir_json(json, schema_, tree)) return json;
    return print_fhir_xml(tree, schema_).value();
  }

  std::string answer_batch(std::string_view, const std::vector<std::string>& answers, Time, std::string_view) const override {
    std::string all;
    for (const auto& one : answers) all += one + "\n";
    return all;
  }

 private:
  static std::string outcome(const Answer& answer, std::string_view id) {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    json.key("resourceType"), json.string("OperationOutcome");
    if (!id.empty()) json.key("id"), json.string(id);
    json.key("issue"), json.begin_array();
    const std::string_view usual = answer.verdict == Verdict::accepted ? "information" : "error";
    if (answer.complaints.empty()) issue(json, usual, answer.verdict == Verdict::accepted ? "informational" : "processing", answer.verdict == Verdict::accepted ? "accepted" : "not accepted");
    for (const Complaint& one : answer.complaints) {
      const std::string_view severity = one.severity == "W" ? "warning" : one.severity == "I" ? "information" : usual;
      const std::string_view code = one.code == "205" ? "duplicate" : one.code == "207" ? "exception" : "invalid";
      issue(json, severity, code, one.location.empty() ? one.text : one.location + ": " + one.text);
    }
    json.end_array();
    json.end_object();
    return out;
  }

  static void issue(JsonWriter& json, std::string_view severity, std::string_view code, std::string_view text) {
    json.begin_object();
    json.key("severity"), json.string(severity);
    json.key("code"), json.string(code);
    json.key("diagnostics"), json.string(text);
    json.end_object();
  }

  const FhirSchema& schema_;
};

}  // namespace

std::unique_ptr<Format> fhir_format(const FhirSchema& schema) { return std::make_unique<FhirFormat>(schema); }

}  // namespace tombolo
