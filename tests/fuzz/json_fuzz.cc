// Any bytes as JSON: never a crash; what was read prints and reads again as the same; and the same for FHIR R4, checked too.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "engine/canonical/check.h"
#include "engine/formats/fhir/parse.h"
#include "engine/formats/fhir/print.h"

using namespace tombolo;

namespace {

void require(bool truth) {
  if (!truth) std::abort();
}

void as_json(std::string_view bytes) {
  Arena arena;
  Tree first(arena), second(arena);
  if (!parse_json(bytes, first)) return;
  const std::string printed = print_json(first, first.root());
  require(parse_json(printed, second).has_value());
  require(print_json(second, second.root()) == printed);
  const std::string pretty = print_json(first, first.root(), 2);
  Tree third(arena);
  require(parse_json(pretty, third).has_value());
  require(print_json(third, third.root()) == printed);
}

void as_fhir(std::string_view bytes, const FhirSchema& schema) {
  Arena arena;
  Tree first(arena), second(arena);
  FhirReading keep;
  keep.keep_unknown = true;
  if (parse_fhir_json(bytes, schema, second, keep)) {
    Tree kept(arena);
    const std::string printed = print_fhir(second, schema);
    require(parse_fhir_json(printed, schema, kept, keep).has_value());
    require(print_fhir(kept, schema) == printed);
  }
  second.clear();
  if (!parse_fhir_json(bytes, schema, first)) return;
  check(first, schema);
  const std::string printed = print_fhir(first, schema);
  require(parse_fhir_json(printed, schema, second).has_value());
  require(print_fhir(second, schema) == printed);
  if (const auto xml = print_fhir_xml(first, schema)) {
    Tree third(arena);
    if (parse_fhir_xml(*xml, schema, third)) require(print_fhir_xml(third, schema).has_value());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Library library;
  static const FhirSchema schema(library);
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  as_json(bytes);
  as_fhir(bytes, schema);
  return 0;
}
