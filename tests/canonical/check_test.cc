#include "engine/canonical/check.h"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <iostream>
#include <map>

#include "engine/formats/fhir/parse.h"
#include "tests/support/temp.h"

using namespace tombolo;

namespace {

const FhirSchema& schema() {
  static const Library library;
  static const FhirSchema loaded(library);
  return loaded;
}

// Every problem as "path: text"; what the parser refuses is one of them.
std::vector<std::string> problems(std::string_view bytes) {
  Arena arena;
  Tree tree(arena);
  if (const auto read = parse_fhir(bytes, schema(), tree); !read) return {text(read.error())};
  std::vector<std::string> all;
  for (const auto& problem : check(tree, schema())) all.push_back(problem.path + ": " + problem.text);
  return all;
}
using List = std::vector<std::string>;

}  // namespace

TEST_CASE("a sound resource has no problem", "[check]") {
  CHECK(problems(R"({"resourceType":"Patient","id":"a","gender":"female","birthDate":"1980-02","name":[{"family":"Ost"}]})").empty());
  CHECK(problems(R"({"resourceType":"Bundle","type":"collection","entry":[
    {"fullUrl":"urn:uuid:c757873d-ec9a-4326-a141-556f43239520","resource":{"resourceType":"Patient"}},
    {"resource":{"resourceType":"Encounter","status":"finished","class":{"code":"AMB"},"subject":{"reference":"urn:uuid:c757873d-ec9a-4326-a141-556f43239520"}}}]})").empty());
}

TEST_CASE("values follow the syntax of their type", "[check]") {
  CHECK(problems(R"({"resourceType":"Patient","id":"a_b","birthDate":"02/03/1980"})") ==
        List{"Patient.id: this is no id: expected 1 to 64 of A-Z a-z 0-9 - .", "Patient.birthDate: this is no date: expected YYYY, YYYY-MM or YYYY-MM-DD"});
  CHECK(problems(R"({"resourceType":"Patient","contact":[{"name":{"given":["a"," "]}}]})").at(0).starts_with("Patient.contact[0].name.given[1]: this is no string"));
}

TEST_CASE("required elements must be there", "[check]") {
  CHECK(problems(R"({"resourceType":"Observation","code":{"text":"x"}})") == List{"Observation: the required element status is missing"});
  CHECK(problems(R"({"resourceType":"Patient","link":[{"type":"seealso"}]})") == List{"Patient.link[0]: the required element other is missing"});
  CHECK(problems(R"({"resourceType":"Observation","code":{"text":"x"},"_status":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"unknown"}]}})").empty());
  CHECK(problems(R"({"resourceType":"MedicationRequest","status":"active","intent":"order","subject":{"display":"x"}})") == List{"MedicationRequest: the required element medication is missing"});
}

TEST_CASE("required bindings hold", "[check]") {
  CHECK(problems(R"({"resourceType":"Patient","gender":"F"})") == List{"Patient.gender: 'F' is not a code of http://hl7.org/fhir/ValueSet/administrative-gender"});
  CHECK(problems(R"({"resourceType":"Condition","subject":{"display":"x"},"clinicalStatus":{"coding":[{"system":"http://example.org","code":"active"}]}})") ==
        List{"Condition.clinicalStatus: no code of http://hl7.org/fhir/ValueSet/condition-clinical"});
  CHECK(problems(R"({"resourceType":"Condition","subject":{"display":"x"},"clinicalStatus":{"coding":[{"code":"A"},{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]}})").empty());
}

TEST_CASE("references resolve and point to what they may", "[check]") {
  CHECK(problems(R"({"resourceType":"Encounter","status":"finished","class":{"code":"AMB"},"subject":{"reference":"Slot/1"}})") == List{"Encounter.subject: Slot is not among the types this may refer to"});
  CHECK(problems(R"({"resourceType":"Patient","managingOrganization":{"reference":"#o"}})") == List{"Patient.managingOrganization: the reference points to no contained resource"});
  CHECK(problems(R"({"resourceType":"Patient","contained":[{"resourceType":"Slot","id":"o","schedule":{"display":"s"},"status":"free","start":"2020-01-01T00:00:00Z","end":"2020-01-01T00:00:00Z"}],"managingOrganization":{"reference":"#o"}})") ==
        List{"Patient.managingOrganization: Slot is not among the types this may refer to"});
  CHECK(problems(R"({"resourceType":"Bundle","type":"collection","entry":[
    {"fullUrl":"urn:uuid:c757873d-ec9a-4326-a141-556f43239520","resource":{"resourceType":"Patient","generalPractitioner":[{"reference":"urn:uuid:c757873d-ec9a-4326-a141-556f43239520"}]}},
    {"fullUrl":"urn:uuid:c757873d-ec9a-4326-a141-556f43239520","resource":{"resourceType":"Patient","managingOrganization":{"reference":"urn:uuid:00000000-0000-0000-0000-000000000000"}}}]})") ==
        List{"Bundle.entry[1].fullUrl: the same fullUrl stands twice", "Bundle.entry[0].resource.generalPractitioner[0]: Patient is not among the types this may refer to",
             "Bundle.entry[1].resource.managingOrganization: the reference points to no entry of the Bundle"});
}

TEST_CASE("an extension has a value or extensions", "[check]") {
  CHECK(problems(R"({"resourceType":"Patient","extension":[{"url":"http://example.org/e"}]})") == List{"Patient.extension[0]: an extension has either a value or extensions"});
  CHECK(problems(R"({"resourceType":"Patient","extension":[{"valueString":"x"}]})") == List{"Patient.extension[0]: the required element url is missing"});
}

TEST_CASE("what only a program could build wrong is found too", "[check]") {
  Arena arena;
  Tree tree(arena);
  const ElementId patient = schema().type("Patient");
  tree[tree.root()].element = patient;
  const auto add = [&](std::string_view name, std::string_view member) {
    const NodeId node = tree.add(tree.root(), name);
    tree[node].element = schema().member(patient, member);
    return node;
  };
  tree.set_value(add("gender", "gender"), "male");
  tree.set_value(add("active", "active"), "true");
  add("name", "name");
  tree.set_value(add("birthDate", "birthDate"), "1980");
  tree.set_value(add("birthDate", "birthDate"), "1981");
  tree.set_value(add("deceased", "photo"), "x");
  tree.add(tree.root(), "unknown");
  List all;
  for (const auto& problem : check(tree, schema())) all.push_back(problem.path + ": " + problem.text);
  CHECK(all == List{"Patient.active: the element is not in its place", "Patient.name[0]: the element is empty", "Patient.birthDate: expected at most 1 of this element",
                    "Patient.deceased[0]: the type has no such element", "Patient.unknown: the type has no such element"});
  CHECK(check(tree, schema(), 2).size() == 2);
}

// Set TOMBOLO_CORPORA to a folder that has fhir/manifest.tsv: file, resource, bytes, kind, source, verdict, reason, location.
TEST_CASE("official examples pass, and faults put into them are found", "[check][corpora]") {
  const char* const corpora = std::getenv("TOMBOLO_CORPORA");
  if (corpora == nullptr) return;
  const std::filesystem::path folder = std::filesystem::path(corpora) / "fhir";
  std::ifstream manifest(folder / "manifest.tsv");
  std::map<std::string, std::pair<int, int>> counts;  // kind and verdict → sound, with problems
  for (std::string line; std::getline(manifest, line);) {
    std::vector<std::string> columns(1);
    for (const char c : line) c == '\t' ? (void)columns.emplace_back() : columns.back().push_back(c);
    const auto file = folder / columns[0];
    if (columns.size() < 6 || !std::filesystem::exists(file)) continue;
    const List found = problems(test::read_file(file));
    auto& [sound, unsound] = counts[columns[3] + ", " + columns[5]];
    ++(found.empty() ? sound : unsound);
    const bool surprising = found.empty() ? columns[3] == "mutation" : columns[5] == "valid";
    if (surprising) std::cout << columns[0] << ": " << (found.empty() ? "passes: " + columns[6] : found[0]) << "\n";
  }
  // One official example lets a Practitioner dispense, where R4 wants an Organization. The narrative's markup (txt-1) and what is
  // contained (dom-3, dom-4) are invariants.
  CHECK(counts["official-example, valid"].second <= 1);
  CHECK(counts["mutation, invalid"].first <= 15);
  for (const auto& [kind, count] : counts) std::cout << kind << ": " << count.first << " sound, " << count.second << " with problems\n";
}
