#include "engine/formats/fhir/parse.h"

#include "engine/base/text.h"

namespace tombolo {

FhirSyntax fhir_syntax(std::string_view bytes) {
  constexpr std::string_view mark = "\xEF\xBB\xBF";
  if (bytes.starts_with(mark)) bytes.remove_prefix(mark.size());
  return trim(bytes.substr(0, 4096)).starts_with('<') ? FhirSyntax::xml : FhirSyntax::json;
}

Result<void> parse_fhir(std::string_view bytes, const FhirSchema& schema, Tree& tree, const FhirReading& reading) {
  const auto parse = fhir_syntax(bytes) == FhirSyntax::xml ? parse_fhir_xml : parse_fhir_json;
  return parse(bytes, schema, tree, reading);
}

}  // namespace tombolo
