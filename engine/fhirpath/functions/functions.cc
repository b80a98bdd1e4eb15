#include "engine/fhirpath/functions/functions.h"

#include <algorithm>
#include <array>

namespace tombolo::fhirpath {
namespace {

std::array<std::span<const Function>, 11> all() {
  return {existence_functions(), filtering_functions(), combining_functions(), string_functions(),   regex_functions(),
          maths_functions(),     conversion_functions(), boundary_functions(), tree_functions(),
          moment_functions(),    fhir_functions()};
}

}  // namespace

const Function* own_function(std::string_view name) {
  for (const auto list : all()) {
    const auto found = std::find_if(list.begin(), list.end(), [name](const Function& f) { return f.name == name; });
    if (found != list.end()) return &*found;
  }
  return nullptr;
}

std::vector<std::string_view> own_function_names() {
  std::vector<std::string_view> names;
  for (const auto list : all()) {
    for (const Function& function : list) names.push_back(function.name);
  }
  return names;
}

namespace checks {

void one_input(Checking& c) {
  if (c.strict() && c.input().many) c.error(c.count(), "takes one value, and this may repeat: say first() or select()");
}

void ordered_input(Checking& c) {
  if (c.strict() && !c.input().ordered) c.error(c.count(), "what stands before it has no order: children(), descendants() and repeat() give it in any");
}

void text_input(Checking& c) {
  const Shape& input = c.input();
  const bool possible = input.unknown() || std::any_of(input.types.begin(), input.types.end(), [&](TypeId type) {
    if (is_system(type)) return type == type_of(System::string);
    const System system = c.types().system(type);
    return (system != System::none && system != System::quantity) || c.types().model(type) != "FHIR";
  });
  if (!possible) c.error(c.count(), "expected text before the dot");
}

}  // namespace checks
}  // namespace tombolo::fhirpath
