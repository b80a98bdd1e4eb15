// Any bytes as FHIR XML: never a crash; what was read prints and reads again as the same, in XML and in JSON.
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

void through(std::string_view bytes, const FhirSchema& schema, const FhirReading& reading) {
  Arena arena;
  Tree first(arena), second(arena), third(arena);
  if (!parse_fhir_xml(bytes, schema, first, reading)) return;
  check(first, schema);
  const auto xml = print_fhir_xml(first, schema);
  const std::string json = print_fhir(first, schema);
  if (reading.keep_unknown) {  // a JSON of unknown things may be no XML, and the other way round
    require(parse_fhir_json(json, schema, third, reading).has_value());
    return;
  }
  if (!xml) return;            // a narrative with what its place gave it
  require(parse_fhir_xml(*xml, schema, second, reading).has_value());
  require(print_fhir(second, schema) == json);
  require(parse_fhir_json(json, schema, third, reading).has_value());
  const auto again = print_fhir_xml(third, schema);
  require(again.has_value() && *again == *xml);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Library library;
  static const FhirSchema schema(library);
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  through(bytes, schema, {});
  FhirReading keep;
  keep.keep_unknown = keep.skip_comments = true;
  through(bytes, schema, keep);
  return 0;
}
