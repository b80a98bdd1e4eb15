// Interaction: what a request asks for, by its method and path (R4, http.html). Only writes are taken: Tombolo keeps no resources.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/connectors/http/server.h"
#include "engine/formats/fhir/place.h"
#include "engine/schema/fhir.h"

namespace tombolo::fhir {

struct Interaction {
  enum class Kind { write, process_message, metadata };
  Kind kind = Kind::write;
  std::string as;               // what the body must be: Parcel::as
  bool asynchronous = false;    // nothing is wanted but that it is kept
};

// What is wrong with a request, as a FHIR server says it.
struct Refusal {
  unsigned status = 400;
  std::string_view code;  // IssueType: "not-supported"
  std::string text;       // no value of the body
  std::string allow = {}; // of 405
};

struct Asked {
  std::optional<Interaction> interaction;  // or
  Refusal refusal;
};

// base: "/fhir" or "/".
Asked interaction_of(const http::Request& request, std::string_view base, const FhirSchema& schema);

// The value of `name` in the target's query; empty: it is not there. Not decoded: what is asked for has no letters to decode.
std::string_view query(std::string_view target, std::string_view name);

// In which syntax the sender wants its answer: _format, else Accept, else as it wrote. nullopt: in one that is neither JSON nor XML.
std::optional<FhirSyntax> wanted_syntax(const http::Request& request);

}  // namespace tombolo::fhir
