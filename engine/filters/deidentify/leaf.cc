// One leaf and the method that was found for it.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "engine/base/letters.h"
#include "engine/base/text.h"
#include "engine/canonical/view.h"
#include "engine/filters/deidentify/pass.h"

namespace tombolo::deidentify {
namespace {

constexpr std::string_view base = "https://deidentified.invalid/";   // of a fullUrl: no host has this name (RFC 6761)

// "1.2.840.10008.1": what must stay an OID. Two dots at least, or any number with a decimal point would be one.
bool is_oid(std::string_view value) {
  return std::count(value.begin(), value.end(), '.') >= 3 && valid(Primitive::oid, "urn:oid:" + std::string(value));
}

}  // namespace

Result<std::optional<std::string>> Pass::transform(NodeId node, ElementId member, const Rule& rule, const Subject& subject) {
  const std::string_view value = in_[node].value();
  switch (rule.method) {
    case Method::drop: return std::nullopt;
    case Method::keep: return kept(node, member, rule);
    case Method::token: return token(node, member, subject);
    case Method::zip3: return zip3(node);
    case Method::generalise: return generalised(node, rule);
    case Method::hold: held_ = true; return std::nullopt;
    case Method::scrub:
      if (!scrubber_) scrubber_.emplace(in_, schema_);
      return std::optional((*scrubber_)(value));
    case Method::year:
    case Method::shift: break;
  }
  if (!day_of(value)) return fault(node, "expected a date");
  if (rule.method == Method::year) return year_of(value, as_of_);
  return subject.shift ? shifted(value, *subject.shift) : std::nullopt;
}

// What stays must be what its type says: else anything could hide in it.
Result<std::optional<std::string>> Pass::kept(NodeId node, ElementId member, const Rule& rule) const {
  const std::string_view value = in_[node].value();
  const Element& element = schema_[member];
  if (!valid(element.primitive, value)) return fault(node, std::string(expected(element.primitive)));
  if (element.primitive == Primitive::code && element.value_set != 0 && !schema_.has_code(element.value_set, value)) {
    return fault(node, "expected a code of " + std::string(schema_.value_set(element.value_set).url));
  }
  if (rule.matching && !rule.matching->matches(value)) return std::nullopt;
  return std::optional(std::string(value));
}

std::string Pass::name(ElementId type, std::string_view id) const {
  const std::string kind = std::string(schema_[type].name) + '/';
  return kind + keys_.token(links_.purpose_of(type), kind, id);
}

std::optional<std::string> Pass::id(const Subject& subject) const {
  const Node& resource = in_[subject.resource];
  const std::string_view written = in_[in_.child(subject.resource, "id")].value();
  if (resource.name() == "contained") return links_.contained_id(resource.parent, written);
  return name(resource.element, written).substr(schema_[resource.element].name.size() + 1);
}

std::optional<std::string> Pass::token(NodeId node, ElementId member, const Subject& subject) const {
  const std::string_view value = in_[node].value();
  switch (verdicts_.role(member)) {
    case Role::resource_id: return id(subject);
    case Role::reference: return reference(node, subject);
    case Role::full_url: {
      const NodeId resource = in_.child(in_[node].parent, "resource");
      if (resource == no_node) return std::nullopt;
      return std::string(base) + name(in_[resource].element, links_.id_of(resource));
    }
    default: break;
  }
  if (is_oid(value)) return keys_.uid(value);
  if (value.starts_with("urn:oid:") && is_oid(value.substr(8))) return "urn:oid:" + keys_.uid(value.substr(8));
  const NodeId above = in_[node].parent;
  if (schema_[schema_[in_[above].element].type].name == "Identifier") {
    const Origin origin = links_.origin_of(above, subject.resource);
    return keys_.token(origin.purpose, origin.system, value);
  }
  return keys_.token(links_.purpose_of(in_[subject.resource].element), schema_[member].name, value);
}

std::optional<std::string> Pass::reference(NodeId node, const Subject& subject) const {
  const std::string_view value = in_[node].value();
  if (value.starts_with('#')) {
    if (value.size() == 1) return "#";
    const bool inner = in_[subject.resource].name() == "contained";
    const NodeId outer = inner ? resource_of(in_, schema_, in_[subject.resource].parent) : subject.resource;
    const std::string id = links_.contained_id(outer, value.substr(1));
    return id.empty() ? std::nullopt : std::optional('#' + id);
  }
  const auto target = links_.resolve(value, in_[node].parent, subject.resource);
  if (!target || target->id.empty()) return std::nullopt;
  return name(target->type, target->id);
}

// 5 or 5+4 digits, of the United States as far as the address says.
std::optional<std::string> Pass::zip3(NodeId node) const {
  const std::string_view zip = trim(in_[node].value());
  const std::string_view country = in_[in_.child(in_[node].parent, "country")].value();
  constexpr std::string_view ours[] = {"", "US", "USA", "United States", "United States of America"};
  if (std::none_of(std::begin(ours), std::end(ours), [&](std::string_view name) { return equal_ignoring_case(country, name); })) return std::nullopt;
  const auto digits = [](std::string_view s) { return !s.empty() && std::all_of(s.begin(), s.end(), is_digit); };
  const bool plain = zip.size() == 5 && digits(zip);
  const bool longer = zip.size() == 10 && zip[5] == '-' && digits(zip.substr(0, 5)) && digits(zip.substr(6));
  if (!plain && !longer && !(zip.size() == 9 && digits(zip))) return std::nullopt;
  const std::string area(zip.substr(0, 3));
  const bool small = std::find(policy_.small_areas.begin(), policy_.small_areas.end(), area) != policy_.small_areas.end();
  return small ? "000" : area;
}

Result<std::optional<std::string>> Pass::generalised(NodeId node, const Rule& rule) const {
  const std::string_view value = in_[node].value();
  double number = 0;
  const auto [end, wrong] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (wrong != std::errc{} || end != value.data() + value.size()) return fault(node, "expected a number");
  if (rule.above && number > static_cast<double>(*rule.above)) return std::optional(std::to_string(*rule.above + 1));
  if (rule.step == 1) return std::optional(std::string(value));
  if (number < -1e15 || number > 1e15) return std::nullopt;
  const auto steps = static_cast<std::int64_t>(std::floor(number / static_cast<double>(rule.step)));
  return std::optional(std::to_string(steps * rule.step));
}

}  // namespace tombolo::deidentify
