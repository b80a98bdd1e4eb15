// FHIR: a source that stands as a FHIR R4 server's write side (http://hl7.org/fhir/R4/http.html). See README.md in this folder.
#pragma once

#include "engine/connectors/connector.h"
#include "engine/schema/fhir.h"

namespace tombolo {

SourcePlug fhir_source(const FhirSchema& schema);  // the schema outlives it

}  // namespace tombolo
