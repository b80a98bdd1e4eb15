// What is wrong with a map is said when it is loaded: place, what was found, what was expected.
#include <catch2/catch.hpp>

#include "engine/mapping/compiler/types.h"
#include "tests/mapping/fixture.h"

using namespace tombolo;
using tombolo::test::Site;

namespace {

// The first finding about a statement in a map from PID to Patient, which begins at 2:1.
std::string said(const std::string& statement) { return Site("map PID to Patient\n" + statement + "\n").first(); }

}  // namespace

TEST_CASE("ten misspellings are each refused with their place and the nearest name", "[mapping][check]") {
  CHECK(said("brithDate <- PID-7") == "2:1: Patient has no element 'brithDate': did you mean 'birthDate'?");
  CHECK(said("birthDate <- PIDD-7") == "2:14: no segment, group or data type is called 'PIDD': did you mean 'PID'?");
  CHECK(said("birthDate <- PID-99").starts_with("2:14: PID has the fields 1 to "));
  CHECK(said("name { family <- PID-5.99 }").starts_with("2:18: PID-5.99: "));
  CHECK(said("gender <- PID-8.1 via administrativ-sex") == "2:23: there is no code table 'administrativ-sex': did you mean 'administrative-sex'?");
  CHECK(said("birthDate <- PID-7.frist()").starts_with("2:"));
  CHECK(said("birthDate <- PID-7.frist()").find("did you mean 'first'?") != std::string::npos);
  CHECK(said("let born = PID-7\nbirthDate <- %bron").find("did you mean") != std::string::npos);
  CHECK(said("identifier <- PID-3 as CX-Identifer") == "2:24: there is no map 'CX-Identifer'");
  CHECK(said("extension('patient-religoin') <- PID-17.1").find("did you mean 'patient-religion'?") != std::string::npos);
  CHECK(Site("map PID to Patinet\n").first() == "1:12: neither HL7 v2 nor FHIR R4 has 'Patinet': did you mean 'Patient'?");
  CHECK(Site("map ADT_A01 to Bundle\nentry p: Patinet <- PID\n").first() == "2:10: FHIR R4 has no resource 'Patinet': did you mean 'Patient'?");
  CHECK(said("gender <- 'femal'") == "2:11: Patient.gender has no code 'femal': did you mean 'female'?");
}

TEST_CASE("targets are checked: lists, choices, references", "[mapping][check]") {
  CHECK(said("name.family <- PID-5.1") == "2:1: Patient.name is a list: write a block, name { … }");
  CHECK(said("deceased { }").find("may be of several types") != std::string::npos);
  CHECK(said("deceased: Quantity { }") == "2:11: Patient.deceased cannot be a Quantity, only boolean, dateTime");
  CHECK(said("PID-3 <- PID-3").find("its elements have names") != std::string::npos);
  CHECK(Site("map ADT_A01 to Bundle\nentry p: Patient { active <- PID-24.1 }\nentry q: Patient { generalPractitioner <- %p\nactive <- PID-24.1 }\n").first() ==
        "3:43: Patient.generalPractitioner may refer to Organization, Practitioner, PractitionerRole, not to a Patient");
}

TEST_CASE("conversions are checked: a complex type needs a map or a component", "[mapping][check]") {
  CHECK(said("birthDate <- PID-5") ==
        "2:14: PID-5 is of type XPN, Patient.birthDate of type date: XPN does not become date by itself: name a component: XPN.12, XPN.13");
  CHECK(said("name <- PID-7") ==
        "2:9: PID-7 is of type DTM, Patient.name of type HumanName: DTM does not become HumanName by itself, and no map from one to the other is loaded");
  CHECK(Site("map CX to Identifier called CX-number\nvalue <- CX.1\nmap PID to Patient\nidentifier <- PID-3\n").first() ==
        "4:15: PID-3 is of type CX, Patient.identifier of type Identifier: CX does not become Identifier by itself: say which map with `as`: CX-number");
  CHECK(said("birthDate <- PID-3 as date").starts_with("2:14: PID-3 is of type CX, Patient.birthDate of type date: CX does not become date by itself: name a component: CX.7, CX.8"));
  CHECK(Site("map CX to Identifier\nvalue <- CX.1\nmap PID to Patient\nidentifier <- PID-5 as CX-Identifier\n").first() ==
        "4:15: PID-5 is a XPN; the map CX-Identifier takes a CX");
  CHECK(Site("map CX to Identifier\nvalue <- XPN.1\n").first() == "2:10: XPN.1 needs a XPN in focus; the focus is CX");
}

TEST_CASE("a required element without a rule is refused", "[mapping][check]") {
  CHECK(said("link { type <- 'refer' }") == "2:1: no rule writes Patient.link.other, which is required");
  CHECK(said("communication { preferred <- PID-15.1 as boolean }") == "2:1: no rule writes Patient.communication.language, which is required");
}

TEST_CASE("a rule that can never run is refused", "[mapping][check]") {
  CHECK(said("gender <- 'unknown'\ngender <- PID-8.1") == "3:11: this can never be used: line 2 always gives a value");
  CHECK(said("gender <- 'unknown' else PID-8.1") == "2:26: this can never be used: the alternative before it always gives a value");
  CHECK(said("gender <- 'male' when PID-8\ngender <- 'female' when PID-8").find("under this condition") != std::string::npos);
}

TEST_CASE("maps may not use themselves", "[mapping][check]") {
  CHECK(Site("map CX to Identifier\nvalue <- CX.1\ninclude $this as CX-Identifier\n").first().find("is used by itself: CX-Identifier → CX-Identifier") != std::string::npos);
}

TEST_CASE("a segment in two places of a group must be named with what it follows", "[mapping][check]") {
  CHECK(Site("map ADT_A01 to Bundle\neach ROL { entry p: Patient { active <- ROL-4.1 as boolean } }\n").first().find("places of this group") != std::string::npos);
  CHECK(Site("map ADT_A01 to Bundle\neach PV2.ROL { entry p: Patient { active <- ROL-2.1 as boolean } }\n").first() == "");
}

TEST_CASE("an overlay that meets nothing is refused", "[mapping][check]") {
  const std::string base = "map PID to Patient\nbirthDate <- PID-7\n";
  CHECK(Site(base + "extend PID to Patient\nremove telecom <- PID-40\n").first() == "4:1: remove meets nothing: no rule for telecom that reads PID-40");
  CHECK(Site(base + "extend PID to Patient\nreplace gender <- 'male'\n").first() == "4:1: replace meets nothing: no rule for gender");
  CHECK(Site(base + "extend PID to Person\n").first().find("there is no map PID-Person to extend") != std::string::npos);
}

TEST_CASE("what ships loads without a finding", "[mapping][check]") {
  const Site site("", {"hl7v2-to-fhir"});
  CHECK(site.diagnostics.print() == "");
}

TEST_CASE("a FHIR element has its own name in expressions, not that of JSON", "[mapping][check]") {
  const auto& s = test::Standards::get();
  const mapping::SchemaTypes types(s.dictionary, s.schema);
  const auto observation = types.of_fhir(s.schema.type("Observation"));
  REQUIRE(types.child(observation, "value"));
  CHECK(types.child(observation, "value")->types.size() == 11);
  CHECK_FALSE(types.child(observation, "valueQuantity"));
}

TEST_CASE("what a map is given must be what it takes", "[mapping][check]") {
  const auto given = [](const std::string& with, const std::string& takes) {
    return Site("map ADT_A01 to Bundle\n  type <- 'message'\n  entry o: Organization { name <- PID-1 }\n  entry p: Patient <- PID " + with +
                "\nmap PID to Patient\n  takes " + takes + "\n  birthDate <- PID-7\n").first();
  };
  CHECK(given("with who = %o", "who: Organization") == "");
  CHECK(given("with who = %o", "who: Patient") == "4:38: %o is a Organization; the map PID-Patient takes a Patient as who");
  CHECK(given("with who = PID-7", "who: Patient") == "4:38: PID-7 is a DTM; the map PID-Patient takes a Patient as who");
  CHECK(given("with n = PID-7", "n: integer") == "4:36: PID-7 is a DTM; the map PID-Patient takes a integer as n");
  CHECK(given("with n = PID-1", "n: integer") == "");
  CHECK(given("with place = PID-3[1].4", "place: HD") == "");
  CHECK(given("with wo = %o", "who: Organization") == "4:32: neither a parameter nor an element of Patient is called 'wo'");
  CHECK(given("with c = administrativ-sex", "c: table") == "4:36: there is no code table 'administrativ-sex': did you mean 'administrative-sex'?");
  CHECK(given("via administrative-sex", "c: string") == "4:31: the map PID-Patient takes no table");
  CHECK(given("with active = true, active = false", "c: string") == "4:47: a second 'active' in one 'with'");
  CHECK(given("", "c: tabel") == "6:12: no type is called 'tabel': did you mean 'table'?");
  CHECK(given("", "c: table, c: string") == "6:19: a second parameter is called 'c'");
  CHECK(said("gender <- PID-8.1 via %codes") == "2:23: %codes is no table that the map takes");
  CHECK(Site("map PID to Patient\n  reads OBY\n  birthDate <- PID-7\n").first() == "2:9: no segment is called 'OBY': did you mean 'OBR'?");
  CHECK(Site("map ADT_A01 to Bundle\n  identifier <- PID-3[1] as CX-Identifier\nmap CX to Identifier\n  reads ROL\n  value <- ROL-1.1\n").first().starts_with(
      "2:17: the map CX-Identifier reads ROL: ROL stands in "));
}

TEST_CASE("a clause that would do nothing where it stands is refused", "[mapping][check]") {
  CHECK(said("name via administrative-sex { text <- PID-1 }") == "2:10: 'via' means nothing at a block");
  CHECK(said("name on error drop { text <- PID-1 }") == "2:9: 'on error' means nothing at a block");
  CHECK(said("each PID-3 with x = 1 { birthDate <- PID-7 }") == "2:17: 'with' means nothing at an `each`");
  CHECK(said("if PID-3 as date { birthDate <- PID-7 }") == "2:13: 'as' means nothing at an `if`");
  CHECK(said("key <- PID-3.1 as string") == "2:19: 'as' means nothing at a key");
  CHECK(said("birthDate <- PID-7 on miss keep") == "2:23: 'on miss' needs a table: there is no 'via' here");
  CHECK(said("birthDate <- PID-7 on error drop on error fail") == "2:37: a second 'on error' in one alternative");
  CHECK(Site("map ADT_A01 to Bundle\nentry p: Patient with active = true { birthDate <- PID-7 }\n").first() == "2:23: 'with' means nothing at an entry's block");
  CHECK(Site("map ADT_A01 to Bundle\nentry p: Patient <- PID on delete ignore\nmap PID to Patient\n  birthDate <- PID-7\n").first() == "2:28: 'on delete' means nothing at an entry");
}

TEST_CASE("a name has one meaning in a block, and is there only behind it", "[mapping][check]") {
  CHECK(said("let x = PID-7\nlet x = PID-8\nbirthDate <- PID-7") == "3:5: %x has a meaning already, given in line 2");
  CHECK(Site("map ADT_A01 to Bundle\nentry p: Patient { birthDate <- PID-7 }\nentry p: Patient { birthDate <- PID-7 }\n").first() == "3:7: %p has a meaning already, given in line 2");
  CHECK(Site("map ADT_A01 to Bundle\n%p.active <- PID-1.exists()\nentry p: Patient { birthDate <- PID-7 }\n").first() == "2:1: there is no %p here");
  CHECK(said("link {\n other <- %p\n type <- 'refer' }") == "3:11: unknown variable '%p'");
}

TEST_CASE("rules that leave nothing to later ones are known in all their forms", "[mapping][check]") {
  CHECK(said("gender <- code('administrative-gender', 'male')\ngender <- 'female'") == "3:11: this can never be used: line 2 always gives a value");
  CHECK(said("gender <- 'male', 'female'") == "2:19: this can never be used: the alternative before it always gives a value");
  CHECK(said("active <- true\nif PID-7 { active <- PID-1.exists() }") == "3:22: this can never be used: line 2 always gives a value");
  CHECK(said("birthDate <- PID-7\nbirthDate <- PID-7") == "3:14: this can never be used: line 2 reads the same");
  CHECK(said("birthDate <- PID-7 when PID-1\nbirthDate <- PID-7 when PID-1") == "3:14: this can never be used: line 2 reads the same under this condition");
  CHECK(said("birthDate <- PID-7 when PID-1\nbirthDate <- PID-7") == "");
  CHECK(said("birthDate <- PID-7 on error drop else PID-7 on error keep text") == "");
  CHECK(said("multipleBirth <- PID-24.1 as integer else PID-24.1 as boolean") == "");
}

TEST_CASE("a table must give codes that the element may have, and a sum must be possible", "[mapping][check]") {
  const auto wrong = said("name { use <- PID-8.1 via administrative-sex\n text <- PID-1 }");
  CHECK(wrong.starts_with("2:27: HumanName.use has no code 'female', which the table gives for 'F' ("));
  CHECK(said("birthDate <- PID-7 + 1") == "2:20: '+' takes two numbers, two texts, or a date and a quantity of time");
  CHECK(said("name { text <- 'a' + PID-8.1 }") == "");
}

TEST_CASE("several items for a single target are a warning", "[mapping][check]") {
  CHECK(said("maritalStatus { text <- PID-3.1 }") == "2:25: PID-3.1 may be several, the target is single: say which, as in PID-3.1.first()");
  CHECK(said("maritalStatus each PID-3 { text <- CX.1 }").find("2:20: PID-3 may be several, the target is single") == 0);
  CHECK(said("maritalStatus { text <- PID-3.1.first() }") == "");
}
