#include "engine/command/samples.h"

#include <algorithm>
#include <array>

#include "engine/base/text.h"

namespace tombolo {
namespace {

// What a segment of a sample says; the others stand with their set id alone.
constexpr std::array<std::pair<std::string_view, std::string_view>, 14> contents{{
    {"EVN", "EVN||20260102030400+0000"},
    {"PID", "PID|1||4711^^^NORTH^MR||Ahlberg^Tove^K||19500412|F|||Strandvej 1^^Skagen^^9990^DK"},
    {"PV1", "PV1|1|I|W1^101^A^NORTH||||7001^Lund^Ida|||||||||||V-1001^^^NORTH^VN"},
    {"ORC", "ORC|NW|O-2001^NORTH"},
    {"OBR", "OBR|1|O-2001^NORTH|F-3001^LAB|2345-7^Glucose^LN|||20260102020000+0000||||||||||||||||||F"},
    {"OBX", "OBX|1|NM|2345-7^Glucose^LN||5.10|mmol/L^^UCUM|3.9-5.8|N|||F"},
    {"SCH", "SCH|A-4001^NORTH||||||CHECKUP^Check-up|||30|min^minute^UCUM|^^30^20260105090000+0000^20260105093000+0000|||||7001^Lund^Ida||||7001^Lund^Ida"},
    {"RGS", "RGS|1|A"},
    {"TXA", "TXA|1|DS|TX|20260102030000+0000||||||||D-5001^NORTH|||||AU"},
    {"RXA", "RXA|0|1|20260102020000+0000||207^COVID-19, mRNA^CVX|0.5|mL^^UCUM||||||||LOT1"},
    {"MRG", "MRG|4712^^^NORTH^MR"},
    {"AL1", "AL1|1|DA|PEN^Penicillin"},
    {"DG1", "DG1|1||I10^Hypertension^I10"},
    {"NK1", "NK1|1|Ahlberg^Per"},
}};

constexpr std::array<std::string_view, 6> usual{"ADT_A01", "ORU_R01", "SIU_S12", "ORM_O01", "MDM_T02", "VXU_V04"};
constexpr std::array<std::string_view, 5> shown_groups{"PATIENT_RESULT", "PATIENT", "ORDER_OBSERVATION", "OBSERVATION", "ORDER"};

std::string header(std::string_view structure, std::string_view id) {
  const std::size_t bar = structure.find('_');
  const std::string code(structure.substr(0, bar)), event(bar == structure.npos ? "" : structure.substr(bar + 1));
  return "MSH|^~\\&|WARD|NORTH|TOMBOLO|HOUSE|20260102030405+0000||" + code + "^" + event + "^" + std::string(structure) + "|" + std::string(id) + "|P|2.5.1\r";
}

std::string segment(std::string_view name) {
  const auto found = std::find_if(contents.begin(), contents.end(), [&](const auto& one) { return one.first == name; });
  return (found == contents.end() ? std::string(name) + "|1" : std::string(found->second)) + "\r";
}

}  // namespace

std::string sample_message(const V2Structure& structure, int version) {
  std::string text = header(structure.name, "1001");
  for (std::size_t at = 1; at < structure.items.size();) {
    const V2Item& item = structure.items[at];
    const bool required = (item.required & V2Dictionary::bit(version)) != 0, known = (item.known & V2Dictionary::bit(version)) != 0;
    const bool shown = item.group() && std::find(shown_groups.begin(), shown_groups.end(), item.name) != shown_groups.end();
    if (item.group()) {
      at = known && (required || shown) ? at + 1 : item.end;
      continue;
    }
    if (item.name != "MSH" && (required || (known && (item.name == "PID" || (item.name == "OBX" && structure.name.starts_with("ORU")))))) text += segment(item.name);
    ++at;
  }
  return text;
}

namespace {

std::vector<const V2Structure*> chosen(const std::map<std::string_view, const V2Structure*>& structures) {
  std::vector<const V2Structure*> all;
  for (const std::string_view name : usual) {
    const auto found = structures.find(name);
    if (found != structures.end() && all.size() < 3) all.push_back(found->second);
  }
  if (all.empty() && !structures.empty()) all.push_back(structures.begin()->second);
  return all;
}

std::vector<Sample> fhir_samples() {
  return {{"A Patient", R"({"resourceType":"Patient","id":"p1","identifier":[{"value":"4711"}],"name":[{"family":"Ahlberg","given":["Tove"]}],"birthDate":"1950-04-12"})"},
          {"An element that R4 does not have", R"({"resourceType":"Patient","id":"p1","colour":"red"})"}};
}

}  // namespace

std::vector<Sample> samples_for(const Channel& channel, const std::map<std::string_view, const V2Structure*>& structures, int version) {
  if (channel.format->canonical()) return fhir_samples();
  std::vector<Sample> all;
  for (const V2Structure* structure : chosen(structures)) all.push_back({"A message " + std::string(structure->name), sample_message(*structure, version)});
  if (all.empty()) all.push_back({"A message ADT_A01", header("ADT_A01", "1001") + segment("EVN") + segment("PID") + segment("PV1")});
  all.push_back({"Without a control id (MSH-10)", header("ADT_A01", "") + segment("PID")});
  all.push_back({"Not HL7 v2 at all", "PID|1||4711\r"});
  return all;
}

}  // namespace tombolo
