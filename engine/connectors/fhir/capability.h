// What `GET metadata` says: the CapabilityStatement (R4) of a server that takes writes and keeps nothing.
#pragma once

#include <string>

#include "engine/base/time.h"
#include "engine/schema/fhir.h"

namespace tombolo::fhir {

struct Capability {
  std::string channel;
  Time since{};         // from when it is so
  bool tokens = false;  // senders need one
};

// In JSON.
std::string capability_statement(const Capability& capability, const FhirSchema& schema);

}  // namespace tombolo::fhir
