// code(system, code, display): a constant code, as the target needs it: a code, a Coding or a CodeableConcept. `system` is a URI, or
// the short name of a system of HL7 ('v2-0203', 'condition-clinical').
#include "engine/mapping/compiler/types.h"
#include "engine/mapping/functions/functions.h"
#include "engine/mapping/functions/joined.h"

namespace tombolo::mapping {

namespace {

using fhirpath::Shape;

Shape check(fhirpath::Checking& checking) {
  const auto system = checking.constant(0);
  if (!system) {
    checking.error(0, "code() needs the system's name in quotes");
    return {};
  }
  const auto* const types = dynamic_cast<const SchemaTypes*>(&checking.types());
  checking.keep(std::make_shared<std::string>((types != nullptr ? types->system_uri(*system) : std::string(*system)) + "\x1f"));
  return types != nullptr ? Shape{{types->code()}, false, true} : fhirpath::one(fhirpath::System::string);
}

bool work(fhirpath::Call& call, fhirpath::Items& out) {
  std::string_view display;
  std::optional<std::string_view> value, text;
  if (!call.text_argument(1, value) || (call.count() > 2 && !call.text_argument(2, text))) return false;
  if (!value) return true;
  if (text) display = *text;
  const auto& system = *static_cast<const std::string*>(call.kept());
  fhirpath::Items from(call.arena());
  if (!call.argument(1, from)) return false;
  const auto sources = from.empty() ? std::span<const NodeId>() : from[0].sources();
  add_text(call, call.arena().join({system, *value, display.empty() ? "" : "\x1f", display}), sources, out);
  return true;
}

}  // namespace

const fhirpath::Function code{
    .name = "code",
    .least = 2,
    .most = 3,
    .kinds = "v",
    .check = check,
    .work = work,
    .example = "code('v2-0203', 'VN').exists()",
};

}  // namespace tombolo::mapping
