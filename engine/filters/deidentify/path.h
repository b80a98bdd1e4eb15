// Path: where a rule of a policy applies, checked against R4 when the policy is loaded.
//
//   Patient.birthDate                         an element; a choice by its bare name (Observation.value) or one type (valueQuantity)
//   Resource.id                               of every resource
//   nodesByType('HumanName').family           every element of this type in every resource, and what stands below it
//   nodesByName('text')                       every element of this name
//   Patient.nodesByType('Address').where(use = 'temp').city
//   Patient.extension('http://…').value       an extension is met only by a path that names it, or by nodesByType('Extension')
//
// A path stays inside one resource: what a Bundle or `contained` holds has rules of its own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/diagnostic.h"
#include "engine/fhirpath/ast.h"
#include "engine/schema/fhir.h"

namespace tombolo::deidentify {

// What a node must fulfil besides its place: an extension's url, or an expression that is true of it.
struct Guard {
  std::string url;                    // extension('…'); else empty
  fhirpath::Expression expression;    // where(…)
  std::string text;                   // "where(use = 'temp')", for people
  Place place;
};

struct Step {
  enum class Test : std::uint8_t { resource, type, name };
  Test test = Test::name;
  bool anywhere = false;              // nodesByType, nodesByName: at any depth below
  ElementId type = untyped;           // resource: this or one derived from it; type: exactly this
  ElementId only = untyped;           // ofType(): of a choice
  std::string name;
  std::vector<Guard> guards;
};

struct Path {
  std::vector<Step> steps;            // the first: a resource, or one that is met anywhere
  std::vector<ElementId> ends;        // the types or members it can lead to
};

// text: as written, its first byte at `place`. nullopt and errors if it is no path through R4.
std::optional<Path> read_path(std::string_view text, const Place& place, const FhirSchema& schema, Diagnostics& diagnostics);

}  // namespace tombolo::deidentify
