// FHIR R4 as the format of a channel: JSON or XML, one resource a message; several JSON values in a row (NDJSON) are split.
//
// peek reads the whole resource: what is no R4 (parse.h) is refused before it is accepted, with path, line and column. Names and
// keys of a message:
//   type, structure   the resource's type; of a Bundle with a MessageHeader "Bundle/message", of others "Bundle/transaction" …
//   sender            MessageHeader.source.endpoint, else meta.source
//   control id        Bundle.identifier.value, else the resource's id
//   duplicate         none unless the channel names paths: an id comes again with every change of a resource; of a message Bundle its control id
//   order             every patient: "Patient/ID" of a Patient and of what refers to one by `subject` or `patient`
//   keys              patient, visit, order: identifiers of Patient, Encounter, ServiceRequest
// Paths of a channel are names of elements, from a resource type on: "Patient.identifier.value".
//
// The answer is an OperationOutcome in the syntax of the message.
#pragma once

#include <memory>

#include "engine/formats/format.h"
#include "engine/schema/fhir.h"

namespace tombolo {

// schema: outlives the format.
std::unique_ptr<Format> fhir_format(const FhirSchema& schema);

}  // namespace tombolo
