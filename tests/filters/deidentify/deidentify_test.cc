#include "engine/filters/deidentify/dates.h"
#include "tests/filters/deidentify/filtering.h"

using namespace tombolo;
using namespace tombolo::deidentify;

namespace {

const std::string ids = R"yaml(
  - { path: Resource.id, method: token }
  - { path: Bundle.entry.fullUrl, method: token }
  - { path: "nodesByType('Reference').reference", method: token }
  - { path: "nodesByType('Identifier').value", method: token }
  - { path: "nodesByType('date')", method: shift }
  - { path: "nodesByType('dateTime')", method: shift }
  - { path: "nodesByType('instant')", method: shift }
  - { path: "nodesByType('code')", method: keep }
)yaml";

// A Bundle as a map makes it: two resources that belong together.
std::string bundle(const std::string& patient, const std::string& encounter, const std::string& more = "") {
  return R"({"resourceType":"Bundle","type":"message","timestamp":"2026-03-10T09:45:00Z","entry":[
    {"fullUrl":"urn:uuid:3fdb06cf-924e-583e-bced-fb3569ff9404","resource":{"resourceType":"Patient","id":"3fdb06cf-924e-583e-bced-fb3569ff9404")" + patient + R"(}},
    {"fullUrl":"urn:uuid:9002c164-2beb-5eb8-ae3c-acbc79234818","resource":{"resourceType":"Encounter","id":"9002c164-2beb-5eb8-ae3c-acbc79234818",
      "status":"finished","class":{"code":"IMP"},"subject":{"reference":"urn:uuid:3fdb06cf-924e-583e-bced-fb3569ff9404"})" + encounter + "}}" + more + "]}";
}
const std::string mr = R"(,"identifier":[{"value":"V1"},{"type":{"coding":[{"code":"MR"}]},"system":"urn:oid:1.2.3","value":"4711"}])";

int days_between(const std::string& a, const std::string& b) { return static_cast<int>((*day_of(b) - *day_of(a)).count()); }

}  // namespace

TEST_CASE("ids and fullUrls become tokens, and references stay tied to them", "[deidentify]") {
  const Filtering filtering(ids);
  const std::string out = filtering(bundle(mr, ""));
  const std::string patient = after(out, R"("resourceType":"Patient","id":")"), encounter = after(out, R"("resourceType":"Encounter","id":")");
  CHECK(patient.size() == 26);
  CHECK(encounter.size() == 26);
  CHECK(out.find(R"("fullUrl":"https://deidentified.invalid/Patient/)" + patient + '"') != std::string::npos);
  CHECK(out.find(R"("subject":{"reference":"Patient/)" + patient + '"') != std::string::npos);
  CHECK(out.find("urn:uuid:") == std::string::npos);
  CHECK(filtering.problems() == List{});
}

TEST_CASE("one resource has one token however it is referred to", "[deidentify]") {
  const Filtering filtering(ids);
  const std::string patient = after(filtering(R"({"resourceType":"Patient","id":"p1"})"), R"("id":")");
  for (const auto* url : {"Patient/p1", "http://a.example/fhir/Patient/p1", "http://b.example/Patient/p1/_history/3"}) {
    const std::string out = filtering(R"({"resourceType":"Encounter","status":"planned","class":{"code":"AMB"},"subject":{"reference":")" + std::string(url) + R"("}})");
    CHECK(after(out, R"("reference":"Patient/)") == patient);
  }
}

TEST_CASE("a reference that nobody can follow is dropped", "[deidentify]") {
  const Filtering filtering(ids);
  for (const auto* url : {"Patient?identifier=4711", "urn:uuid:3fdb06cf-924e-583e-bced-fb3569ff9404", "https://people.example/tove-ahlberg", "#gone", "Patient/tove ahlberg"}) {
    const std::string out = filtering(R"({"resourceType":"Encounter","status":"planned","class":{"code":"AMB"},"subject":{"reference":")" + std::string(url) + R"("}})");
    INFO(url);
    CHECK(out == R"({"resourceType":"Encounter","status":"planned","class":{"code":"AMB"}})");
  }
}

TEST_CASE("contained resources get new ids and stay tied", "[deidentify]") {
  const Filtering filtering(ids);
  const std::string out = filtering(R"({"resourceType":"Encounter","id":"e","status":"planned","class":{"code":"AMB"},"subject":{"reference":"#tove"},
    "contained":[{"resourceType":"Organization","id":"o"},{"resourceType":"Patient","id":"tove","gender":"female","managingOrganization":{"reference":"#o"}}]})");
  CHECK(out.find(R"("contained":[{"resourceType":"Organization","id":"c1"},{"resourceType":"Patient","id":"c2","gender":"female","managingOrganization":{"reference":"#c1"}}])") != std::string::npos);
  CHECK(out.find(R"("subject":{"reference":"#c2"})") != std::string::npos);
  CHECK(out.find("tove") == std::string::npos);
  CHECK(filtering.problems() == List{});
}

TEST_CASE("a number is one token wherever it names the same thing", "[deidentify]") {
  const Filtering filtering(ids);
  const std::string as_patient = filtering(R"({"resourceType":"Patient","identifier":[{"system":"urn:oid:1.2.3","value":"4711"}]})");
  const std::string token = after(as_patient, R"("value":")");
  CHECK(token == keys().token(Purpose::patient, "urn:oid:1.2.3", "4711"));
  const std::string as_subject = filtering(R"({"resourceType":"Condition","subject":{"identifier":{"system":"urn:oid:1.2.3","value":"4711"}}})");
  CHECK(after(as_subject, R"("value":")") == token);
  const std::string as_visit = filtering(R"({"resourceType":"Encounter","identifier":[{"system":"urn:oid:1.2.3","value":"4711"}],"status":"planned","class":{"code":"AMB"}})");
  CHECK(after(as_visit, R"("value":")") == keys().token(Purpose::encounter, "urn:oid:1.2.3", "4711"));
  const std::string elsewhere = Filtering(ids, "policy: own\nversion: 1\n", "hills")(R"({"resourceType":"Patient","identifier":[{"system":"urn:oid:1.2.3","value":"4711"}]})");
  CHECK(after(elsewhere, R"("value":")") != token);
}

TEST_CASE("without a system, who assigned a number tells it from others", "[deidentify]") {
  const Filtering filtering(ids);
  const auto token = [&](const std::string& organization) {
    return after(filtering(R"({"resourceType":"Bundle","type":"collection","entry":[
      {"fullUrl":"urn:uuid:3fdb06cf-924e-583e-bced-fb3569ff9404","resource":{"resourceType":"Patient","identifier":[{"value":"1","assigner":{"reference":"urn:uuid:9002c164-2beb-5eb8-ae3c-acbc79234818"}}]}},
      {"fullUrl":"urn:uuid:9002c164-2beb-5eb8-ae3c-acbc79234818","resource":{"resourceType":"Organization","identifier":[{"value":")" + organization + R"("}]}}]})"), R"("value":")");
  };
  CHECK(token("NORTH") == token("NORTH"));
  CHECK(token("NORTH") != token("SOUTH"));
}

TEST_CASE("an OID stays an OID", "[deidentify]") {
  const std::string out = Filtering(ids)(R"({"resourceType":"Patient","identifier":[{"value":"urn:oid:1.2.840.1.5"},{"value":"1.2.840.1.5"}]})");
  const std::string uid = after(out, R"("value":"urn:oid:)");
  CHECK(uid.starts_with("2.25."));
  CHECK(out.find(R"({"value":")" + uid + '"') != std::string::npos);
}

TEST_CASE("all dates of a person move by the same days, in every message", "[deidentify]") {
  const Filtering filtering(ids);
  const std::string out = filtering(bundle(mr + R"(,"birthDate":"1980-02-03")", R"(,"period":{"start":"2026-03-10T10:00:00Z","end":"2026-03-15"})"));
  const int shift = keys().shift(keys().token(Purpose::patient, "urn:oid:1.2.3", "4711"), 180);
  CHECK(shift != 0);
  CHECK(days_between("1980-02-03", after(out, R"("birthDate":")")) == shift);
  CHECK(days_between("2026-03-10", after(out, R"("start":")")) == shift);
  CHECK(after(out, R"("start":")").ends_with("T10:00:00Z"));
  CHECK(days_between("2026-03-15", after(out, R"("end":")")) == shift);
  const std::string result = filtering(R"({"resourceType":"Condition","subject":{"identifier":{"system":"urn:oid:1.2.3","value":"4711"}},"recordedDate":"2026-03-12"})");
  CHECK(days_between("2026-03-12", after(result, R"("recordedDate":")")) == shift);
}

TEST_CASE("dates of a person whom nothing names go", "[deidentify]") {
  CHECK(Filtering(ids)(R"({"resourceType":"Patient","id":"p","birthDate":"1980-02-03"})").find("birthDate") == std::string::npos);
  CHECK(Filtering(ids)(R"({"resourceType":"Condition","subject":{"reference":"Patient/p"},"recordedDate":"2026-03-12"})").find("recordedDate") == std::string::npos);
}

TEST_CASE("with person: id the id names the person, in the message or not", "[deidentify]") {
  const Filtering filtering(ids, "policy: own\nversion: 1\nperson: id\n");
  const int shift = days_between("1980-02-03", after(filtering(R"({"resourceType":"Patient","id":"p","birthDate":"1980-02-03"})"), R"("birthDate":")"));
  CHECK(shift != 0);
  CHECK(days_between("2026-03-12", after(filtering(R"({"resourceType":"Condition","subject":{"reference":"Patient/p"},"recordedDate":"2026-03-12"})"), R"("recordedDate":")")) == shift);
}

TEST_CASE("dates of what is about nobody go, or move with the one person of the message", "[deidentify]") {
  const std::string practitioner = R"(,{"resource":{"resourceType":"Practitioner","birthDate":"1961-05-06"}})";
  const std::string other = R"(,{"resource":{"resourceType":"Patient","identifier":[{"value":"4712"}]}})";
  CHECK(Filtering(ids)(bundle(mr, "", practitioner)).find("birthDate") == std::string::npos);
  CHECK(Filtering(ids)(bundle(mr, "")).find("timestamp") == std::string::npos);
  const Filtering shifting(ids, "policy: own\nversion: 1\nshift: { nobody: shift }\n");
  const int shift = keys().shift(keys().token(Purpose::patient, "urn:oid:1.2.3", "4711"), 180);
  CHECK(days_between("1961-05-06", after(shifting(bundle(mr, "", practitioner)), R"("birthDate":")")) == shift);
  CHECK(days_between("2026-03-10", after(shifting(bundle(mr, "")), R"("timestamp":")")) == shift);
  CHECK(shifting(bundle(mr, "", practitioner + other)).find("birthDate") == std::string::npos);   // whose?
}

TEST_CASE("what a required element loses is said to be masked", "[deidentify]") {
  const Filtering filtering("  - { path: Observation.subject.reference, method: token }\n");
  CHECK(filtering(R"({"resourceType":"Observation","status":"final","code":{"text":"weight of Tove"},"subject":{"reference":"Patient/1"}})").starts_with(
      R"({"resourceType":"Observation","_status":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"masked"}]},"code":{"extension":[{"url")"));
  CHECK(filtering.problems() == List{});
}

TEST_CASE("postal codes keep three digits, unless too few people live there", "[deidentify]") {
  const Filtering filtering("  - { path: Patient.address.postalCode, method: zip3 }\n", "policy: own\nversion: 1\nsmall_areas: [036, 059]\n");
  const auto zip = [&](const std::string& code, const std::string& country = "") {
    return after(filtering(R"({"resourceType":"Patient","address":[{"postalCode":")" + code + '"' + (country.empty() ? "" : R"(,"country":")" + country + '"') + "}]}"), R"("postalCode":")");
  };
  CHECK(zip("27401") == "274");
  CHECK(zip("27401-1234", "US") == "274");
  CHECK(zip("274011234", "usa") == "274");
  CHECK(zip("03601") == "000");
  CHECK(zip("27401", "DE").empty());
  CHECK(zip("SW1A 1AA").empty());
  CHECK(zip("2740").empty());
}

TEST_CASE("numbers are generalised upwards and in steps", "[deidentify]") {
  const Filtering filtering("  - { path: \"nodesByType('Age').where(code = 'a').value\", method: generalise, above: 89 }\n  - { path: Observation.value.ofType(integer), method: generalise, step: 10 }\n");
  const auto age = [&](const std::string& value) {
    const std::string out = filtering(R"({"resourceType":"Condition","subject":{"display":"x"},"onsetAge":{"value":)" + value + R"(,"code":"a"}})");
    return out.substr(out.find("{\"value\":") + 9, out.find('}', out.find("{\"value\":")) - out.find("{\"value\":") - 9);
  };
  CHECK(age("89") == "89");
  CHECK(age("93") == "90");
  CHECK(age("12.5") == "12.5");
  const auto step = [&](const std::string& value) {
    const std::string out = filtering(R"({"resourceType":"Observation","status":"final","code":{"text":"x"},"valueInteger":)" + value + "}");
    return out.substr(out.find("valueInteger\":") + 14);
  };
  CHECK(step("47") == "40}");
  CHECK(step("-3") == "-10}");
}

TEST_CASE("a condition is asked of the element it stands behind", "[deidentify]") {
  const Filtering filtering("  - { path: \"Patient.identifier.where(type.coding.code = 'SS')\", method: drop }\n  - { path: Patient.identifier.value, method: token }\n");
  const std::string out = filtering(R"({"resourceType":"Patient","identifier":[{"type":{"coding":[{"code":"SS"}]},"value":"1"},{"type":{"coding":[{"code":"MR"}]},"value":"2"}]})");
  CHECK(out == R"({"resourceType":"Patient","identifier":[{"value":")" + keys().token(Purpose::patient, "", "2") + R"("}]})");
}

TEST_CASE("an extension stands where its url is named, and with its url", "[deidentify]") {
  const Filtering filtering("  - { path: \"Patient.extension('urn:a').value\", method: keep }\n  - { path: \"nodesByType('string')\", method: keep }\n");
  CHECK(filtering(R"({"resourceType":"Patient","extension":[{"url":"urn:a","valueString":"x"},{"url":"urn:b","valueString":"Tove"},{"url":"urn:c","extension":[{"url":"d","valueString":"Tove"}]}]})") ==
        R"({"resourceType":"Patient","extension":[{"url":"urn:a","valueString":"x"}]})");
}

TEST_CASE("keep with a pattern keeps what matches it as a whole", "[deidentify]") {
  const Filtering filtering("  - { path: Observation.referenceRange.text, method: keep, matching: '[0-9]+-[0-9]+' }\n");
  const auto range = [&](const std::string& text) {
    return filtering(R"({"resourceType":"Observation","status":"final","code":{"text":"x"},"referenceRange":[{"text":")" + text + R"("}]})");
  };
  CHECK(range("70-105").find("70-105") != std::string::npos);
  CHECK(range("70-105 says Tove").find("70") == std::string::npos);
}

TEST_CASE("hold holds the message, and only if there is something to hold for", "[deidentify]") {
  const Filtering filtering("  - { path: Patient.photo, method: hold }\n  - { path: Patient.contained, method: hold }\n  - { path: Patient.gender, method: keep }\n");
  CHECK(filtering(R"({"resourceType":"Patient","gender":"female"})") == R"({"resourceType":"Patient","gender":"female"})");
  CHECK(filtering(R"({"resourceType":"Patient","gender":"female","photo":[{"title":"Tove"}]})") == "held");
  CHECK(filtering(R"({"resourceType":"Patient","contained":[{"resourceType":"Binary","contentType":"image/png"}]})") == "held");
  CHECK(filtering(R"({"resourceType":"Patient","gender":"female","photo":[{"title":"Tove"}]})", nullptr, true) == R"({"resourceType":"Patient","gender":"female"})");
}

TEST_CASE("what is not what its type says stops the message and is not repeated", "[deidentify]") {
  const Filtering filtering("  - { path: Patient.gender, method: keep }\n  - { path: Patient.birthDate, method: shift }\n  - { path: Patient.multipleBirth, method: keep }\n");
  CHECK(filtering(R"({"resourceType":"Patient","gender":"Tove Ahlberg"})") == "Patient.gender: expected a code of http://hl7.org/fhir/ValueSet/administrative-gender");
  CHECK(filtering(R"({"resourceType":"Patient","birthDate":"3 May"})") == "Patient.birthDate: expected a date");
  CHECK(filtering(R"({"resourceType":"Patient","birthDate":"2023-02-29"})") == "Patient.birthDate: expected a date");
}

TEST_CASE("an element that R4 does not have stops the message", "[deidentify]") {
  const Filtering filtering(ids);
  Arena in_arena, out_arena;
  Tree in(in_arena), out(out_arena);
  REQUIRE(parse_fhir(R"({"resourceType":"Patient","active":true})", schema(), in));
  in.add(in.root(), "nickname", "Tove");
  const auto done = filtering.filter()(in, {}, out);
  REQUIRE_FALSE(done.has_value());
  CHECK(text(done.error()) == "Patient: it has an element that R4 does not have");
}

TEST_CASE("a deleted value is deleted, not a value to hash", "[deidentify]") {
  const Filtering filtering("  - { path: Patient.identifier.value, method: token }\n  - { path: Patient.birthDate, method: shift }\n");
  Arena in_arena, out_arena;
  Tree in(in_arena), out(out_arena);
  REQUIRE(parse_fhir(R"({"resourceType":"Patient","active":true,"birthDate":"1980-02-03"})", schema(), in));
  in.set_deleted(in.child(in.root(), "birthDate"));
  REQUIRE(filtering.filter()(in, {}, out).has_value());
  CHECK(out[out.child(out.root(), "birthDate")].holds == Holds::deleted);
}

TEST_CASE("what was done is told without the values", "[deidentify]") {
  const Filtering filtering(ids);
  Report report;
  filtering(bundle(mr + R"(,"birthDate":"1980-02-03","name":[{"family":"Ahlberg"}])", ""), &report);
  const std::string lines = text(report, filtering.filter().policy());
  CHECK(lines.find("Bundle.entry[0].resource.birthDate  shift  ") != std::string::npos);
  CHECK(lines.find("Bundle.entry[0].resource.name[0].family  drop  no rule  ") != std::string::npos);
  for (const auto* value : {"Ahlberg", "1980", "4711", "3fdb06cf"}) CHECK(lines.find(value) == std::string::npos);
  for (const auto& act : report.acts) {
    if (act.path.ends_with("subject.reference")) CHECK(act.fingerprint == keys().fingerprint("urn:uuid:3fdb06cf-924e-583e-bced-fb3569ff9404"));
  }
  CHECK(report.acts.size() > 10);
}

TEST_CASE("safe harbor keeps the year, the state and what was found", "[deidentify]") {
  const Filtering filtering("safe-harbor", "");
  const std::string out = filtering(bundle(mr + R"(,"gender":"female","birthDate":"1980-02-03","name":[{"family":"Ahlberg"}],"address":[{"line":["1 Quay"],"city":"Sandport","state":"NC","postalCode":"27401"}],
      "telecom":[{"system":"phone","value":"555 0100"}])", R"(,"period":{"start":"2026-03-10T10:00:00Z"},"reasonCode":[{"text":"Ms Ahlberg's fall"}])",
      R"(,{"resource":{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"2951-2","display":"Sodium"}]},"valueQuantity":{"value":139.0,"unit":"mmol/L","system":"http://unitsofmeasure.org","code":"mmol/L"},
         "note":[{"text":"Tove is well"}]}})"));
  for (const auto* kept : {R"("gender":"female")", R"("birthDate":"1980")", R"("state":"NC","postalCode":"274")", R"("start":"2026")", "2951-2", "Sodium", R"("value":139.0,"unit":"mmol/L")", "'s fall"}) {
    INFO(kept);
    CHECK(out.find(kept) != std::string::npos);
  }
  for (const auto* gone : {"Ahlberg", "Quay", "Sandport", "555", "1980-02", "2026-03", "Tove", "4711", "note"}) {
    INFO(gone);
    CHECK(out.find(gone) == std::string::npos);
  }
  CHECK(filtering.problems() == List{});
}

TEST_CASE("an age over 89 is ninety, whatever it is", "[deidentify]") {
  const Filtering filtering("safe-harbor", "");
  CHECK(filtering(R"({"resourceType":"Condition","subject":{"display":"x"},"onsetAge":{"value":97,"unit":"years","system":"http://unitsofmeasure.org","code":"a"}})").find(R"("value":90,)") != std::string::npos);
  CHECK(filtering(R"({"resourceType":"Patient","birthDate":"1931-01-01","gender":"male"})") == R"({"resourceType":"Patient","gender":"male"})");
}

TEST_CASE("a policy of the site hides the shipped one", "[deidentify]") {
  test::TempFolder site;
  test::write_file(site / "policies/research.yaml", "policy: research\nversion: 7\nrules:\n  - { path: Patient.gender, method: keep }\n");
  const Library library(site.path());
  Diagnostics diagnostics;
  const Policy policy = read_policy(library, "research", {}, schema(), diagnostics);
  CHECK(policy.version == "7");
  CHECK(policy.hash.size() == 16);
  CHECK(policy.rules.size() == 1);
}
