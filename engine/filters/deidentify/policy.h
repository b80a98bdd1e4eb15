// Policy: what may be seen of a message, as a YAML file in policies/ of the site or schemas/policies/ of what ships.
//
//   policy: research
//   version: 1
//   person: identifier                # what names a person: an identifier of the Patient (MR before others), or the resource's id
//   shift: { days: 180, nobody: drop }    # nobody: dates of a resource that is about no person; drop, or with the message's one person
//   small_areas: [036, 059]           # first three digits of postal codes of areas with few people: they become 000
//   rules:
//     - { path: Patient.gender, method: keep }
//
// Rules are read from the top: the first one whose path leads to a leaf, or to something above it, and whose method fits the
// leaf's type decides. A leaf that no rule decides is dropped.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/library.h"
#include "engine/base/regex.h"
#include "engine/filters/deidentify/path.h"

namespace tombolo::deidentify {

enum class Method : std::uint8_t {
  drop,         // goes, as everything that no rule names
  keep,         // stays, if it `matching:` (where that is given)
  token,        // ids, references, identifiers: see keys.h
  year,         // the year of a date, unless it tells an age over 89
  shift,        // the date, moved by the person's days
  zip3,         // the first three digits of a US postal code
  generalise,   // a number: `above: 89` makes every greater one 90; `step: 10` rounds down to tens
  scrub,        // text without this message's names and numbers, and without what looks like such
  hold,         // the message waits for a person
};
std::string_view name(Method method);
std::optional<Method> method(std::string_view name);

struct Rule {
  std::string text;                   // the path as written
  Place place;
  Path path;
  Method method = Method::drop;
  std::optional<Regex> matching;      // keep
  std::optional<std::int64_t> above;  // generalise
  std::int64_t step = 1;
};

struct Policy {
  std::string name;
  std::string version;
  std::string hash;                   // of the file's bytes, 16 hexadecimal digits: what was in force
  bool by_id = false;                 // person: id
  int days = 180;                     // shifts are within ±days
  bool shift_nobody = false;
  std::vector<std::string> small_areas;
  std::vector<Rule> rules;
};

// Finds policies/NAME.yaml, then schemas/policies/NAME.yaml, and reads it. Everything that is wrong is in `diagnostics`, which
// then failed(); the policy is of use only if nothing was. place: where the name was written, for the error that there is none.
Policy read_policy(const Library& library, const std::string& name, const Place& place, const FhirSchema& schema, Diagnostics& diagnostics);

}  // namespace tombolo::deidentify
