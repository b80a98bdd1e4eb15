#include "engine/filters/deidentify/policy.h"

#include <algorithm>
#include <array>

#include "engine/base/letters.h"
#include "engine/base/settings.h"
#include "engine/base/text.h"
#include "engine/crypto/hash.h"

namespace tombolo::deidentify {
namespace {

constexpr std::array<std::string_view, 9> methods{"drop", "keep", "token", "year", "shift", "zip3", "generalise", "scrub", "hold"};

// What other tools call these.
std::string_view our_word(std::string_view word) {
  const std::string found = lower(word);
  if (found == "redact" || found == "remove") return "drop";
  if (found == "cryptohash" || found == "pseudonymize" || found == "hash") return "token";
  if (found == "dateshift") return "shift";
  if (found == "generalize") return "generalise";
  return {};
}

std::optional<Method> read_method(Reader& reader) {
  const std::string word = reader.required("method");
  if (word.empty()) return std::nullopt;
  if (const auto known = method(word)) return known;
  const auto ours = our_word(word);
  reader.error("method", "no method is called '" + word + "'" +
                             (ours.empty() ? suggestion(word, {methods.begin(), methods.end()}) : ": here it is '" + std::string(ours) + "'"));
  return std::nullopt;
}

void read_matching(Reader& reader, Rule& rule) {
  if (!reader.has("matching")) return;
  auto pattern = Regex::compile(reader.required("matching"));
  if (!pattern) return reader.error("matching", "'matching' is a regular expression: " + pattern.error().what);
  if (rule.method != Method::keep) return reader.error("matching", "'matching' goes with keep");
  rule.matching = std::move(*pattern);
}

void read_numbers(Reader& reader, Rule& rule) {
  constexpr std::int64_t most = 1'000'000'000;
  const bool given = reader.has("above") || reader.has("step");
  if (reader.has("above")) rule.above = reader.number("above", 0, -most, most);
  else reader.raw("above");
  rule.step = reader.number("step", 1, 1, most);
  if (given && rule.method != Method::generalise) reader.error(reader.has("above") ? "above" : "step", "'above' and 'step' go with generalise");
  if (!given && rule.method == Method::generalise) reader.error("method", "generalise needs 'above' or 'step'");
}

void read_rules(const Setting* list, const FhirSchema& schema, Policy& policy, Diagnostics& diagnostics) {
  if (!list) return;
  if (list->shape != Setting::Shape::list) return diagnostics.error(list->place, "'rules' is a list such as  - { path: Patient.gender, method: keep }");
  for (const auto& item : list->items) {
    Reader reader(item, "rule", diagnostics);
    Rule rule;
    rule.text = reader.required("path");
    rule.place = reader.place("path");
    const Setting* written = item.find("path");
    Place begin = rule.place;
    if (written && written->quoted) ++begin.column;
    const auto found = read_method(reader);
    if (found) rule.method = *found;
    read_matching(reader, rule);
    read_numbers(reader, rule);
    reader.finish();
    if (rule.text.empty()) continue;
    if (auto path = read_path(rule.text, begin, schema, diagnostics); path && found) {
      rule.path = std::move(*path);
      policy.rules.push_back(std::move(rule));
    }
  }
}

void read_areas(Reader& reader, Policy& policy) {
  policy.small_areas = reader.texts("small_areas");
  const bool sound = std::all_of(policy.small_areas.begin(), policy.small_areas.end(),
                                 [](const std::string& area) { return area.size() == 3 && std::all_of(area.begin(), area.end(), is_digit); });
  if (!sound) reader.error("small_areas", "'small_areas' lists the first three digits of postal codes");
  for (const auto& rule : policy.rules) {
    if (rule.method == Method::zip3 && policy.small_areas.empty()) {
      return reader.diagnostics().error(rule.place, "zip3 needs 'small_areas': which three digits stand for too few people");
    }
  }
}

std::optional<File> find(const Library& library, const std::string& name) {
  for (const auto* folder : {"policies/", "schemas/policies/"}) {
    if (auto file = library.find(folder + name + ".yaml")) return file;
  }
  return std::nullopt;
}

std::string unknown(const Library& library, const std::string& found) {
  std::vector<std::string> names;
  for (const auto* folder : {"policies", "schemas/policies"}) {
    for (const auto& file : library.list(folder)) {
      if (file.ends_with(".yaml")) names.push_back(std::string(file.substr(file.rfind('/') + 1, file.size() - file.rfind('/') - 6)));
    }
  }
  std::string all;
  for (const auto& each : names) all += (all.empty() ? "" : ", ") + each;
  return "no policy is called '" + found + "'" + suggestion(found, {names.begin(), names.end()}) + (all.empty() ? "" : "; there are: " + all);
}

}  // namespace

std::string_view name(Method method) { return methods[static_cast<std::size_t>(method)]; }

std::optional<Method> method(std::string_view name) {
  const auto found = std::find(methods.begin(), methods.end(), name);
  if (found == methods.end()) return std::nullopt;
  return static_cast<Method>(found - methods.begin());
}

Policy read_policy(const Library& library, const std::string& name, const Place& place, const FhirSchema& schema, Diagnostics& diagnostics) {
  Policy policy;
  const auto file = find(library, name);
  if (!file) return diagnostics.error(place, unknown(library, name)), policy;
  Diagnostics found;
  const Setting top = parse_settings(file->place, file->text, [](std::string_view) { return std::nullopt; }, found);
  policy.hash = hex(sha256(file->text)).substr(0, 16);
  Reader reader(top, "policy", found);
  policy.name = reader.required("policy");
  policy.version = reader.required("version");
  reader.text("about");
  policy.by_id = reader.one_of("person", {"identifier", "id"}, "identifier") == "id";
  Reader shift(reader.nested("shift"), "shift", found);
  policy.days = static_cast<int>(shift.number("days", 180, 1, 3650));
  policy.shift_nobody = shift.one_of("nobody", {"drop", "shift"}, "drop") == "shift";
  shift.finish();
  read_rules(reader.raw("rules"), schema, policy, found);
  read_areas(reader, policy);
  if (!reader.has("rules")) found.error(reader.place(), "a policy needs 'rules'");
  reader.finish();
  found.quote(file->place, file->text);
  diagnostics.append(found);
  return policy;
}

}  // namespace tombolo::deidentify
