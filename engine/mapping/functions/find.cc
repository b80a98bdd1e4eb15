// find(Type, key, …): the entry of this message that has that key or alias, before or after this place of the message.
#include <string>

#include "engine/mapping/compiler/types.h"
#include "engine/mapping/functions/functions.h"
#include "engine/mapping/runner/activation.h"
#include "engine/mapping/runner/run.h"

namespace tombolo::mapping {

namespace {

using fhirpath::Shape;

Shape check(fhirpath::Checking& checking) {
  const auto* const types = dynamic_cast<const SchemaTypes*>(&checking.types());
  const auto type = types != nullptr ? types->schema().type(checking.name(0)) : untyped;
  if (type == untyped || !types->schema().is_resource(type)) {
    checking.error(0, "find() needs a type of resource, found '" + std::string(checking.name(0)) + "'");
    return {};
  }
  checking.keep(std::make_shared<ElementId>(type));
  return Shape{{types->entry_of(type)}, false, true};
}

bool work(fhirpath::Call& call, fhirpath::Items& out) {
  const auto* const activation = dynamic_cast<const Activation*>(&call.frame());
  if (activation == nullptr) return call.fail("find() works in maps only");
  const auto type = *static_cast<const ElementId*>(call.kept());
  for (std::size_t i = 1; i < call.count(); ++i) {
    fhirpath::Items key(call.arena());
    if (!call.argument(i, key)) return false;
    const auto handle = static_cast<Runner*>(activation->around.runner)->find(type, key);
    if (handle != Handle::none) return out.add(handle_item(*activation->around.entries, handle)), true;
  }
  return true;
}

}  // namespace

const fhirpath::Function find{
    .name = "find",
    .least = 2,
    .most = fhirpath::Function::any,
    .kinds = "nv",
    .check = check,
    .work = work,
};

}  // namespace tombolo::mapping
