#include "tests/filters/deidentify/filtering.h"

using namespace tombolo;
using namespace tombolo::deidentify;

namespace {

List said(const std::string& rules, const std::string& head = "policy: own\nversion: 1\n") { return Filtering(rules, head).said(); }

// The verdicts of one resource type, "Patient.gender keep 4" (the line of the rule).
List table(const std::string& rules, std::string_view type = "Patient") {
  const Filtering filtering(rules);
  INFO((filtering.said().empty() ? "" : filtering.said().front()));
  REQUIRE(filtering.sound());
  List lines;
  std::istringstream text(coverage(filtering.filter().verdicts(), type).table);
  for (std::string line; std::getline(text, line);) {
    const std::size_t path = line.find("  "), rule = line.rfind("  ");
    const std::string place = line.substr(rule + 2);
    const std::size_t colon = place.rfind(':');
    const std::string number = place == "no rule" ? "-" : place.substr(place.rfind(':', colon - 1) + 1, colon - place.rfind(':', colon - 1) - 1);
    lines.push_back(line.substr(0, path) + " " + line.substr(path + 2, rule - path - 2) + " " + number);
  }
  return lines;
}
bool has(const List& lines, const std::string& line) { return std::find(lines.begin(), lines.end(), line) != lines.end(); }

}  // namespace

TEST_CASE("a path that R4 does not have is an error with its place and the nearest name", "[policy]") {
  CHECK(said("  - { path: Patient.birthdate, method: drop }\n") == List{"4:21: error: Patient has no element 'birthdate': did you mean 'birthDate'?"});
  CHECK(said("  - { path: Pateint.id, method: token }\n") == List{"4:13: error: R4 has no resource 'Pateint': did you mean 'Patient'?"});
  CHECK(said("  - { path: \"nodesByType('HumanNam')\", method: drop }\n") == List{"4:26: error: R4 has no type 'HumanNam': did you mean 'HumanName'?"});
  CHECK(said("  - { path: \"nodesByName('famly')\", method: drop }\n") == List{"4:26: error: R4 has no element 'famly': did you mean 'family'?"});
  CHECK(said("  - { path: HumanName.family, method: drop }\n") == List{"4:13: error: HumanName is a data type: say nodesByType('HumanName')"});
  CHECK(said("  - { path: Bundle.entry.resource.id, method: token }\n").at(0).starts_with("4:13: error: a path stays in one resource"));
  CHECK(said("  - { path: \"Patient.name[0]\", method: drop }\n").at(0).find("error: a path is made of elements") != std::string::npos);
  CHECK(said("  - { path: \"Patient.name.first()\", method: drop }\n").at(0).find("a path has no 'first()'") != std::string::npos);
  CHECK(said("  - { path: \"Patient.name.where(usage = 'old')\", method: drop }\n").at(0).find("usage") != std::string::npos);
  CHECK(said("  - { path: \"Observation.value.ofType(HumanName)\", method: drop }\n").at(0).find("ofType() names one of the types") != std::string::npos);
}

TEST_CASE("all faults of a policy are reported at once", "[policy]") {
  const List all = said("  - { path: Patient.nam, method: drop }\n  - { path: Patient.name, method: redact }\n  - { path: Patient.gender, method: keeep, why: x }\n");
  CHECK(all == List{"4:21: error: Patient has no element 'nam': did you mean 'name'?",
                    "5:35: error: no method is called 'redact': here it is 'drop'",
                    "6:37: error: no method is called 'keeep': did you mean 'keep'?",
                    "6:44: error: rule has no setting 'why'"});
}

TEST_CASE("a policy that is not there is an error where it was named", "[policy]") {
  const Filtering filtering("safe-harbour", "");
  CHECK(filtering.said() == List{"7:3: error: no policy is called 'safe-harbour': did you mean 'safe-harbor'?; there are: research, safe-harbor"});
}

TEST_CASE("a method that fits nothing below its path is an error", "[policy]") {
  CHECK(said("  - { path: Patient.name.given, method: shift }\n") == List{"4:13: error: shift fits nothing that 'Patient.name.given' leads to"});
  CHECK(said("  - { path: Resource.id, method: keep }\n") == List{"4:13: error: keep fits nothing that 'Resource.id' leads to"});
  CHECK(said("  - { path: \"nodesByType('Reference').reference\", method: keep }\n").size() == 1);
}

TEST_CASE("a rule that others leave nothing to decide is a warning", "[policy]") {
  const Filtering filtering("  - { path: Patient.name, method: drop }\n  - { path: Patient.name.use, method: keep }\n");
  CHECK(filtering.said() == List{"5:13: warning: this rule decides nothing: rules above it do"});
  CHECK(filtering.sound());
}

TEST_CASE("what a rule needs is asked for", "[policy]") {
  CHECK(said("  - { path: Patient.address.postalCode, method: zip3 }\n") == List{"4:13: error: zip3 needs 'small_areas': which three digits stand for too few people"});
  CHECK(said("  - { path: \"nodesByType('Age').value\", method: generalise }\n").at(0).find("generalise needs 'above' or 'step'") != std::string::npos);
  CHECK(said("  - { path: Patient.gender, method: drop, matching: x }\n").at(0).find("'matching' goes with keep") != std::string::npos);
  CHECK(said("  - { path: Patient.gender, method: keep, matching: '(' }\n").at(0).find("'matching' is a regular expression") != std::string::npos);
  CHECK(said("  - { path: Patient.gender, method: keep }\n", "policy: own\nversion: 1\nshift: { days: 0 }\n").at(0).find("'days' is a number from 1 to 3650") != std::string::npos);
}

TEST_CASE("what no rule names is dropped", "[policy]") {
  const List lines = table("  - { path: Patient.gender, method: keep }\n");
  CHECK(has(lines, "Patient.gender keep 4"));
  CHECK(has(lines, "Patient.birthDate drop -"));
  CHECK(has(lines, "Patient.name.* drop -"));
  const List device = table("  - { path: Patient.gender, method: keep }\n", "Device");
  CHECK(std::all_of(device.begin(), device.end(), [](const std::string& line) { return line.ends_with(" drop -"); }));
}

TEST_CASE("the first rule that leads to a leaf decides", "[policy]") {
  const List exception_first = table("  - { path: Patient.name.use, method: keep }\n  - { path: Patient.name, method: drop }\n");
  CHECK(has(exception_first, "Patient.name.use keep 4"));
  CHECK(has(exception_first, "Patient.name.family drop 5"));
  const List type_first = table("  - { path: \"nodesByType('HumanName')\", method: drop }\n  - { path: Patient, method: keep }\n");
  CHECK(has(type_first, "Patient.name.* drop 4"));
  CHECK(has(type_first, "Patient.contact.name.* drop 4"));
  CHECK(has(type_first, "Patient.gender keep 5"));
}

TEST_CASE("a method decides the leaves it fits and leaves the others to later rules", "[policy]") {
  const List lines = table("  - { path: Observation.value, method: shift }\n  - { path: Observation.value, method: keep }\n", "Observation");
  CHECK(has(lines, "Observation.valueDateTime shift 4"));
  CHECK(has(lines, "Observation.valuePeriod.* shift 4"));
  CHECK(has(lines, "Observation.valueString keep 5"));
  CHECK(has(lines, "Observation.valueQuantity.* keep 5"));
}

TEST_CASE("keeping a whole element keeps no ids, no references and no extensions", "[policy]") {
  const List lines = table("  - { path: Patient, method: keep }\n");
  CHECK(has(lines, "Patient.id drop -"));
  CHECK(has(lines, "Patient.managingOrganization.reference drop -"));
  CHECK(has(lines, "Patient.managingOrganization.display keep 4"));
  CHECK_FALSE(std::any_of(lines.begin(), lines.end(), [](const std::string& line) { return line.find("extension") != line.npos; }));
}

TEST_CASE("an extension is met by a path that names it", "[policy]") {
  const List lines = table("  - { path: \"Patient.extension('urn:a').value.ofType(string)\", method: keep }\n  - { path: \"nodesByType('string')\", method: keep }\n");
  CHECK(has(lines, "Patient.extension('urn:a').valueString keep 4"));
  CHECK_FALSE(has(lines, "Patient.extension.valueString keep 5"));
}

TEST_CASE("a choice is named as a whole, by one type, or by its JSON name", "[policy]") {
  CHECK(has(table("  - { path: Observation.valueQuantity.value, method: keep }\n", "Observation"), "Observation.valueQuantity.value keep 4"));
  const List lines = table("  - { path: Observation.value.ofType(boolean), method: keep }\n", "Observation");
  CHECK(has(lines, "Observation.valueBoolean keep 4"));
  CHECK(has(lines, "Observation.valueInteger drop -"));
}

TEST_CASE("the shipped policies have no fault, and every leaf of R4 one verdict", "[policy]") {
  for (const auto* name : {"research", "safe-harbor"}) {
    INFO(name);
    const Filtering filtering(name, "");
    CHECK(filtering.said() == List{});
    auto whole = coverage(filtering.filter().verdicts(), "");
    whole.table.insert(0, "\n");
    CHECK(whole.leaves[static_cast<std::size_t>(Method::token)] > 100);
    for (const auto name_of_type : schema().type_names()) {
      const ElementId type = schema().type(name_of_type);
      if (schema()[type].kind != TypeKind::resource || schema().is_abstract(type)) continue;
      CHECK(whole.table.find("\n" + std::string(name_of_type) + ".id  token  ") != std::string::npos);
    }
    CHECK(whole.table.find("Patient.name.*  drop") != std::string::npos);
    CHECK(whole.table.find("Patient.gender  keep") != std::string::npos);
  }
}
