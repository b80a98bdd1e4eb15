#include <catch2/catch.hpp>

#include "engine/canonical/canonical.h"
#include "engine/canonical/check.h"
#include "engine/formats/fhir/parse.h"
#include "engine/formats/fhir/print.h"

using namespace tombolo;

namespace {

const FhirSchema& schema() {
  static const Library library;
  static const FhirSchema loaded(library);
  return loaded;
}

// Everything a map can build, in one Bundle.
void build(Canonical& canonical) {
  const auto member = [&](NodeId of, std::string_view name) { return schema().member(canonical.tree()[of].element, name); };
  const auto set = [&](NodeId parent, std::string_view name, std::string_view value) { return canonical.add(parent, member(parent, name), value); };
  const auto add = [&](NodeId parent, std::string_view name) { return canonical.add(parent, member(parent, name)); };
  set(canonical.bundle(), "type", "collection");
  set(canonical.bundle(), "timestamp", "2020-05-01T10:00:00+02:00");

  const Handle patient = canonical.entry(schema().type("Patient"), "PID");
  const std::string_view key[] = {"4711", "NORTH"};
  canonical.key(patient, key);
  const NodeId person = canonical.resource(patient);
  const NodeId birth = set(person, "birthDate", "1980-02");
  const NodeId time = add(birth, "extension");
  set(time, "url", "http://hl7.org/fhir/StructureDefinition/patient-birthTime");
  set(time, "valueDateTime", "1980-02-03T20:15:00-05:00");
  const NodeId name = add(person, "name");
  set(name, "family", "O\"st\n");
  const NodeId masked = add(name, "given");
  const NodeId why = add(masked, "extension");
  set(why, "url", "http://hl7.org/fhir/StructureDefinition/data-absent-reason");
  set(why, "valueCode", "masked");
  set(name, "given", "Eva");
  canonical.add_deleted(person, member(person, "address"));

  const Handle seen = canonical.entry(schema().type("Observation"), "OBX[1]");
  const NodeId observation = canonical.resource(seen);
  set(observation, "status", "final");
  set(add(observation, "code"), "text", "Glucose");
  const NodeId value = add(observation, "valueQuantity");
  set(value, "value", "5.10");
  set(value, "unit", "mmol/l");
  canonical.refer(add(observation, "subject"), patient);
  const NodeId specimen = canonical.add_resource(observation, member(observation, "contained"), schema().type("Specimen"));
  set(specimen, "id", "s");
  set(specimen, "status", "available");
  set(add(observation, "specimen"), "reference", "#s");
}

}  // namespace

TEST_CASE("what was built prints, passes the check, and reads again as the same", "[canonical]") {
  const Identity identity{*to_uuid("6ba7b810-9dad-11d1-80b4-00c04fd430c8"), "ADT|NORTH|42"};
  Arena arena;
  Tree built(arena), read(arena);
  Canonical canonical(schema(), built, identity);
  build(canonical);
  CHECK(canonical.finish().empty());
  for (const auto& problem : check(built, schema())) FAIL_CHECK(problem.path << ": " << problem.text);
  const std::string printed = print_fhir(built, schema(), 2);
  CHECK(printed == R"({
  "resourceType": "Bundle",
  "type": "collection",
  "timestamp": "2020-05-01T10:00:00+02:00",
  "entry": [
    {
      "fullUrl": "urn:uuid:e60207ef-7a93-552c-8423-fbc113b2db18",
      "resource": {
        "resourceType": "Patient",
        "id": "e60207ef-7a93-552c-8423-fbc113b2db18",
        "name": [
          {
            "family": "O\"st\n",
            "given": [
              null,
              "Eva"
            ],
            "_given": [
              {
                "extension": [
                  {
                    "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
                    "valueCode": "masked"
                  }
                ]
              },
              null
            ]
          }
        ],
        "birthDate": "1980-02",
        "_birthDate": {
          "extension": [
            {
              "url": "http://hl7.org/fhir/StructureDefinition/patient-birthTime",
              "valueDateTime": "1980-02-03T20:15:00-05:00"
            }
          ]
        }
      }
    },
    {
      "fullUrl": "urn:uuid:0b01bfaa-603a-5e5a-a21b-a6648cf58cf6",
      "resource": {
        "resourceType": "Observation",
        "id": "0b01bfaa-603a-5e5a-a21b-a6648cf58cf6",
        "contained": [
          {
            "resourceType": "Specimen",
            "id": "s",
            "status": "available"
          }
        ],
        "status": "final",
        "code": {
          "text": "Glucose"
        },
        "subject": {
          "reference": "urn:uuid:e60207ef-7a93-552c-8423-fbc113b2db18"
        },
        "valueQuantity": {
          "value": 5.10,
          "unit": "mmol/l"
        },
        "specimen": {
          "reference": "#s"
        }
      }
    }
  ]
})");
  REQUIRE(parse_fhir(printed, schema(), read));
  CHECK(print_fhir(read, schema(), 2) == printed);
}
