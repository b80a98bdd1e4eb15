#include <catch2/catch.hpp>

#include "tests/mapping/to_v2/fixture.h"

using namespace tombolo;
using test::MessageSite;

namespace {

// What is said about statements of `map Patient to PID`; places count from its second line.
std::string in_pid(const std::string& statements) { return MessageSite("map Patient to PID\n" + statements + "\n").faults(); }
std::string in_message(const std::string& statements, const std::string& structure = "ORU_R01") {
  return MessageSite("map Bundle to " + structure + "\n" + statements + "\nmap Patient to PID\nPID-3.1 <- id\n").faults();
}

}  // namespace

TEST_CASE("targets of a map to HL7 v2 are addresses that the dictionary has", "[mapping][to_v2]") {
  CHECK(in_pid("PID-8 <- gender") == "");
  CHECK(in_pid("PID-99 <- gender") == "2:5: PID has the fields 1 to 40, no 99\n");
  CHECK(in_pid("PID-3.40 <- id") == "2:7: CX has the components 1 to 12: there is no 40\n");
  CHECK(in_pid("PID-1.2 <- id") == "2:7: SI has no components: there is no 2\n");
  CHECK(in_pid("PV1-2 <- id") == "2:1: a PID is built here: expected a field such as PID-1\n");
  CHECK(in_pid("PID-7[2] <- birthDate") == "2:5: PID-7 does not repeat in any version\n");
  CHECK(in_pid("name <- gender") == "2:1: a PID is built here: expected a field such as PID-1\n");
  CHECK(in_pid("extension('x') <- gender") == "2:11: HL7 v2 has no extensions\n");
  CHECK(in_pid("entry p: Patient { id <- id }") == "2:1: an entry belongs into a map to FHIR; here a PID is built\n");
}

TEST_CASE("groups and segments stand where the structure has them", "[mapping][to_v2]") {
  CHECK(in_message("PATIENT_RESULT { PATIENT.PID <- entry.resource.ofType(Patient).first() }") == "");
  CHECK(in_message("PV3 <- entry") == "2:1: ORU_R01 has no PV3: did you mean 'PV1'?\n");
  CHECK(in_message("PATIENT_RESULT { MSH-3 <- id }") == "2:18: PATIENT_RESULT has no MSH in ORU_R01: it belongs into ORU_R01\n");
  CHECK(in_message("PATIENT_RESULT-3 <- id") == "2:16: PATIENT_RESULT-3: a group has no fields\n");
  CHECK(in_message("OBX[2] <- entry") == "2:1: groups and segments are made one after the other: no [2] here\n");
  CHECK(in_message("MSH-9.1 <- 'ORU'") == "2:1: MSH-9.1 is not for maps: it follows from the kind of message\n");
  CHECK(in_message("MSH-12 <- '2.4'") == "2:1: MSH-12 is not for maps: it is the version that is asked for\n");
  CHECK(in_message("ZPI-2 <- 'x'") == "2:1: declare the fields of ZPI: segment ZPI …\n");
}

TEST_CASE("sources of a map to HL7 v2 are checked against R4", "[mapping][to_v2]") {
  CHECK(in_pid("PID-8 <- gendr") == "2:10: Patient has no element 'gendr': did you mean 'gender'?\n");
  CHECK(in_pid("PID-8 <- PID-3") == "2:10: PID-3 is an HL7 address: the source is FHIR, and what a map builds cannot be read\n");
  CHECK(in_pid("PID-7 <- active") == "2:10: active is a boolean, and PID-7 is a DTM\n");
  CHECK(in_pid("PID-5 <- name") == "2:10: name is a HumanName, and PID-5 is a XPN: there is no map HumanName-XPN; say `as`\n");
  CHECK(in_pid("PID-8 <- gender via sexx") == "2:21: there is no code table 'sexx': did you mean 'sex'?\n");
  CHECK(in_pid("PID-8 <- extension('patient-religon').value") == "2:20: extension(): extensions.csv has no extension 'patient-religon': did you mean 'patient-religion'?\n");
  CHECK(in_pid("PID-3 <- identifier as CXX") == "2:24: there is no map 'CXX'\n");
  CHECK(in_pid("PID-8 <- 'F' else gender") == "2:19: this can never be used: the alternative before it always gives a value\n");
  CHECK(in_pid("PID-8 <- gender on error keep text") == "2:20: this is for targets in FHIR: here a bad value is dropped, tried next, or fails\n");
}

TEST_CASE("maps are put to work on what they are for", "[mapping][to_v2]") {
  const auto faults = [](const std::string& rule) {
    return MessageSite("map Patient to PID\n" + rule + "\nmap HumanName to XPN\ntakes codes: table\nXPN.1.1 <- family\nmap HumanName to HD\nHD.1 <- family\nmap Patient to PV1\nPV1-2 <- gender\n").faults();
  };
  CHECK(faults("PID-5 <- name as HumanName-XPN via sex") == "");
  CHECK(faults("PID-5 <- name as HumanName-HD") == "2:18: the map HumanName-HD does not build a XPN\n");
  CHECK(faults("PID-5 <- address as HumanName-XPN") == "2:10: address is a Address; the map HumanName-XPN takes a HumanName\n");
  CHECK(faults("PID-5 <- name as HumanName-XPN with use = 'L'") == "2:37: the map HumanName-XPN takes no 'use'\n");
  CHECK(faults("PID-3.4.1 <- name as HumanName-HD").find("does not build a IS") != std::string::npos);
  CHECK(faults("include $this as Patient-PV1") == "2:18: the map Patient-PV1 does not build a PID\n");
  CHECK(MessageSite("map HumanName to XPN\nXPN.1 <- $this as HumanName-XPN\n").faults() != "");
}
