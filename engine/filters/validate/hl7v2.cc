#include "engine/filters/validate/hl7v2.h"

#include <algorithm>

#include "engine/filters/validate/survey.h"
#include "engine/formats/hl7v2/address.h"

namespace tombolo {
namespace {

// One component of a header field; empty if it is not there.
std::string_view text_at(const Tree& message, int field, int component) {
  hl7v2::Address address;
  address.segment = {"MSH", 1};
  address.field = field;
  address.repetition = 1;
  address.component = component;
  const auto found = hl7v2::find(message, address);
  return found.empty() || message[found.front()].holds != Holds::text ? std::string_view{} : message[found.front()].value();
}

void say(Findings& found, Family family, std::string place, std::string_view code, std::string text) {
  found.add({family, {}, 1, std::move(place), {}, code, std::move(text)});
}

// Z messages and Z events are local, like Z segments.
void no_structure(const V2Dictionary& dictionary, std::string_view code, std::string_view event, Findings& found) {
  if (code.starts_with('Z') || event.starts_with('Z')) return say(found, Family::unknown, "MSH-9", "200", "a local message");
  const std::string prefix = std::string(code) + "_";
  const auto structures = dictionary.structures();
  const bool known = std::any_of(structures.begin(), structures.end(), [&](const V2Structure& s) { return s.name.starts_with(prefix); });
  if (known) return say(found, Family::structure, "MSH-9.2", "201", "no version has this event; segments are not checked for their order");
  say(found, Family::structure, "MSH-9.1", "200", "no version has this message; segments are not checked for their order");
}

void check_header(const Tree& message, const V2Dictionary& dictionary, const V2Structure* structure, std::string_view version,
                  Findings& found) {
  const std::string_view code = text_at(message, 9, 1), event = text_at(message, 9, 2), stated = text_at(message, 9, 3);
  if (structure == nullptr && !code.empty()) no_structure(dictionary, code, event, found);
  if (!stated.empty() && !stated.starts_with('Z') && dictionary.structure(stated) == nullptr) {
    say(found, Family::vocabulary, "MSH-9.3", "103", "no message structure is called so");
  }
  if (!version.empty() && !dictionary.knows_version(version)) {
    const auto taken = dictionary.versions()[static_cast<std::size_t>(dictionary.nearest(version))];
    say(found, Family::unknown, "MSH-12", "203", "not a version that is known here; checked as " + std::string(taken));
  }
}

}  // namespace

Findings validate_hl7v2(const Tree& message, const V2Dictionary& dictionary, const Weights& weights) {
  Findings found(weights);
  const Survey survey(message);
  const std::string_view version = text_at(message, 12, 1);
  const Subject subject{survey, dictionary, dictionary.nearest(version), found};
  const V2Structure* const structure = dictionary.structure(message[message.root()].name());
  check_header(message, dictionary, structure, version, found);
  if (structure != nullptr) check_structure(subject, *structure);
  for (const NodeId segment : survey.segments()) {
    const V2Segment* const definition = dictionary.segment(message[segment].name());
    // A segment of other versions is one finding, not one for each of its fields.
    const auto in_version = [&](const V2Field& field) { return (field.known & subject.bit()) != 0; };
    if (definition != nullptr && std::any_of(definition->fields.begin(), definition->fields.end(), in_version)) {
      check_fields(subject, segment, *definition);
    }
  }
  found.sort();
  return found;
}

}  // namespace tombolo
