#include <catch2/catch.hpp>

#include <cstdlib>
#include <iostream>

#include "engine/formats/xml/reader.h"
#include "tests/formats/fhir/reading.h"
#include "tests/support/temp.h"

using namespace tombolo;
using test::json_of;
using test::xml_of;

namespace {

constexpr std::string_view declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

std::string patient(std::string_view inside) {
  return std::string(declaration) + "<Patient xmlns=\"http://hl7.org/fhir\">" + std::string(inside) + "</Patient>";
}

// What an XML document says: tags with sorted attributes, no white space outside of the narrative, whose bytes stay.
std::string said(std::string_view bytes) {
  Arena arena;
  XmlReader xml(bytes, arena);
  std::string all;
  for (auto kind = xml.next(); kind && *kind != XmlKind::finish; kind = xml.next()) {
    if (*kind == XmlKind::end) all += "</>";
    if (*kind == XmlKind::text) all += xml.blank() ? "" : std::string(xml.text());
    if (*kind != XmlKind::start) continue;
    if (xml.name() == "div") {
      const std::size_t begin = xml.begin(), depth = xml.depth();
      while (xml.depth() >= depth) REQUIRE(xml.next().has_value());
      all += bytes.substr(begin, xml.end() - begin);
      continue;
    }
    std::vector<std::string> attributes;
    for (const auto& one : xml.attributes()) {
      if (one.space.empty()) attributes.push_back(" " + std::string(one.name) + "=" + std::string(one.value));
    }
    std::sort(attributes.begin(), attributes.end());
    all += "<" + std::string(xml.name());
    for (const auto& one : attributes) all += one;
    all += ">";
  }
  return all;
}

}  // namespace

TEST_CASE("XML comes out as it went in", "[fhir][xml]") {
  for (const auto* inside : {
           R"(<id value="a"/><active value="true"/><name><family value="Ost"/><given value="Eva"/><given value="M."/></name><birthDate value="1980-02"/>)",
           R"(<id id="i" value="a"/><name id="n"><given id="g"/><given value="B"><extension url="http://example.org/e"><valueBoolean value="false"/></extension></given></name>)",
           R"(<extension url="http://example.org/a"><extension url="b"><valueDecimal value="1.10e2"/></extension></extension><gender value="female"/>)",
           R"(<extension id="x" url="http://example.org/a"><valueQuantity><value value="1.00"/></valueQuantity></extension>)",
           R"(<contained><Organization><id value="o"/></Organization></contained><contained><Patient/></contained><managingOrganization><reference value="#o"/></managingOrganization>)",
           R"(<name><family value="a &amp; &quot;b&quot; &lt;c&gt;&#10;&#13;&#9;'d'"/></name>)",
           "<text><status value=\"generated\"/><div xmlns=\"http://www.w3.org/1999/xhtml\">\n a<br/>b<br></br> <!-- c --><![CDATA[d & e]]>&#160;&lt;\r\n<p class='x'  id=\"y\">z</p></div></text>",
       }) {
    CHECK(xml_of(patient(inside)) == patient(inside));
    CHECK(xml_of(json_of(patient(inside))) == patient(inside));
  }
  CHECK(xml_of("<Patient xmlns='http://hl7.org/fhir'></Patient>") == std::string(declaration) + "<Patient xmlns=\"http://hl7.org/fhir\"/>");
}

TEST_CASE("XML and JSON say the same", "[fhir][xml]") {
  CHECK(json_of(patient(R"(<birthDate id="b" value="1970-03-30"><extension url="http://example.org/time"><valueDateTime value="1970-03-30T20:00:00+01:00"/></extension></birthDate>)")) ==
        R"({"resourceType":"Patient","birthDate":"1970-03-30","_birthDate":{"id":"b","extension":[{"url":"http://example.org/time","valueDateTime":"1970-03-30T20:00:00+01:00"}]}})");
  CHECK(json_of(patient(R"(<multipleBirthInteger value="2"/>)")) == R"({"resourceType":"Patient","multipleBirthInteger":2})");
  CHECK(json_of(patient("<text><status value=\"empty\"/><div xmlns=\"http://www.w3.org/1999/xhtml\">\"a\"\n</div></text>")) ==
        R"({"resourceType":"Patient","text":{"status":"empty","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">\"a\"\n</div>"}})");
  const std::string bundle = R"({"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"urn:uuid:c757873d-ec9a-4326-a141-556f43239520","resource":{"resourceType":"Patient"}},{"resource":{"resourceType":"Basic","id":"b"}}]})";
  CHECK(xml_of(bundle, 1) == std::string(declaration) +
        "<Bundle xmlns=\"http://hl7.org/fhir\">\n <type value=\"collection\"/>\n <entry>\n  <fullUrl value=\"urn:uuid:c757873d-ec9a-4326-a141-556f43239520\"/>\n"
        "  <resource>\n   <Patient/>\n  </resource>\n </entry>\n <entry>\n  <resource>\n   <Basic>\n    <id value=\"b\"/>\n   </Basic>\n  </resource>\n </entry>\n</Bundle>");
  CHECK(json_of(xml_of(bundle, 2)) == bundle);
}

TEST_CASE("prefixes and schema locations make no difference", "[fhir][xml]") {
  CHECK(json_of(R"(<f:Patient xmlns:f="http://hl7.org/fhir" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://hl7.org/fhir fhir.xsd"><f:active value="true"/></f:Patient>)") ==
        R"({"resourceType":"Patient","active":true})");
}

TEST_CASE("a narrative takes along the declarations that stand further out", "[fhir][xml]") {
  CHECK(json_of(R"(<Patient xmlns="http://hl7.org/fhir" xmlns:h="http://www.w3.org/1999/xhtml" xmlns:u="http://example.org/unused"><text><status value="empty"/><h:div>a<h:p>b</h:p></h:div></text></Patient>)") ==
        R"({"resourceType":"Patient","text":{"status":"empty","div":"<h:div xmlns:h=\"http://www.w3.org/1999/xhtml\">a<h:p>b</h:p></h:div>"}})");
  CHECK(json_of(R"(<f:Patient xmlns:f="http://hl7.org/fhir" xmlns="http://www.w3.org/1999/xhtml"><f:text><f:status value="empty"/><div class="x">a</div></f:text></f:Patient>)") ==
        R"({"resourceType":"Patient","text":{"status":"empty","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\" class=\"x\">a</div>"}})");
}

TEST_CASE("what R4 does not have in XML is refused with its place", "[fhir][xml]") {
  const auto fault = [](std::string_view inside) { return json_of("<Patient xmlns='http://hl7.org/fhir'>\n" + std::string(inside) + "</Patient>"); };
  CHECK(fault("<brithDate value='1980'/>") == "fault: /Patient/brithDate 2:1: Patient has no such element: did you mean 'birthDate'?");
  CHECK(fault("<name/><name><family value='a'/><family value='b'/></name>") == "fault: /Patient/name[1] 2:1: an element may not be empty");
  CHECK(fault("<name><family value='a'/><family value='b'/></name>") == "fault: /Patient/name[1]/family 2:26: the element may not repeat");
  CHECK(fault("<birthDate value='1980'/><gender value='male'/>") == "fault: /Patient/gender 2:26: the element is not in its place: expected it before 'birthDate'");
  CHECK(fault("<deceasedBoolean value='true'/><deceasedDateTime value='2020'/>") == "fault: /Patient/deceasedDateTime 2:32: the element may have one type only, this is another one");
  CHECK(fault("<deceased value='true'/>") == "fault: /Patient/deceased 2:1: Patient has no such element: its name ends with its type, such as 'deceasedBoolean'");
  CHECK(fault("<active value='yes'/>") == "fault: /Patient/active 2:9: expected true or false, found something else");
  CHECK(fault("<multipleBirthInteger value='01'/>") == "fault: /Patient/multipleBirthInteger 2:23: expected a whole number of 32 bits, found something else");
  CHECK(fault("<name value='a'/>") == "fault: /Patient/name[1] 2:7: HumanName has no attribute 'value'");
  CHECK(fault("<gender value='male' colour='red'/>") == "fault: /Patient/gender 2:22: code has no attribute 'colour'");
  CHECK(fault("<gender value=''/>") == "fault: /Patient/gender 2:9: a value may not be empty");
  CHECK(fault("<gender/>") == "fault: /Patient/gender 2:1: an element may not be empty");
  CHECK(fault("<name>Ost</name>") == "fault: /Patient/name[1] 2:7: expected an element, found text");
  CHECK(fault("<name><id value='a'/></name>") == "fault: /Patient/name[1]/id 2:7: expected this as an attribute");
  CHECK(fault("<x:y xmlns:x='u'/>") == "fault: /Patient/y 2:1: expected an element of the namespace http://hl7.org/fhir");
  CHECK(fault("<contained/>") == "fault: /Patient/contained[1] 2:13: expected a resource, found nothing");
  CHECK(fault("<contained><Patient/><Patient/></contained>") == "fault: /Patient/contained[1]/Patient 2:22: expected one resource, found another element");
  CHECK(fault("<contained><HumanName/></contained>") == "fault: /Patient/contained[1] 2:12: expected the name of a resource type");
  CHECK(fault("<text><status value='empty'/><div>a</div></text>") == "fault: /Patient/text/div 2:30: expected an element of the namespace http://www.w3.org/1999/xhtml");
  CHECK(fault("<name><family value='a'></name>") == "fault: /Patient/name[1]/family 2:25: expected </family>, found </name>");
  CHECK(json_of("<Pateint xmlns='http://hl7.org/fhir'/>") == "fault: 1:1: expected the name of a resource type");
  CHECK(json_of("<Patient/>") == "fault: 1:1: expected a resource in the namespace http://hl7.org/fhir");
  CHECK(json_of("<Patient xmlns='http://hl7.org/fhir' id='a'/>") == "fault: 1:38: a resource has no attribute 'id'");
}

TEST_CASE("comments, instructions and a DOCTYPE are refused; comments may be skipped", "[fhir][xml]") {
  const std::string commented = "<Patient xmlns='http://hl7.org/fhir'>\n <!-- a --><active value='true'><!-- b --></active></Patient>";
  CHECK(json_of(commented) == "fault: /Patient 2:2: a comment: what is read here is data, and a comment would be lost");
  FhirReading skipping;
  skipping.skip_comments = true;
  CHECK(json_of(commented, 0, skipping) == R"({"resourceType":"Patient","active":true})");
  CHECK(json_of("<?style sheet?><Patient xmlns='http://hl7.org/fhir'/>", 0, skipping) == "fault: 1:1: a processing instruction: FHIR has none");
  CHECK(json_of("<!DOCTYPE Patient SYSTEM 'x'><Patient xmlns='http://hl7.org/fhir'/>").find("a DOCTYPE is refused") != std::string::npos);
  CHECK(json_of("<Patient xmlns='http://hl7.org/fhir'><text><status value='empty'/><div xmlns='http://www.w3.org/1999/xhtml'><?a b?></div></text></Patient>").find("a processing instruction") != std::string::npos);
}

TEST_CASE("unknown elements of FHIR's shape are kept if the reading says so", "[fhir][xml]") {
  FhirReading keep;
  keep.keep_unknown = true;
  CHECK(json_of(patient(R"(<colour value="red"/><active value="true"/><tag><id value="1"/></tag><colour value="blue"/>)"), 0, keep) ==
        R"({"resourceType":"Patient","active":true,"colour":["red","blue"],"tag":{"id":"1"}})");
  CHECK(xml_of(patient(R"(<active value="true"/><colour id="c"/><tag><name value="1"/><name value="2"/></tag>)"), 0, keep) ==
        patient(R"(<active value="true"/><colour id="c"/><tag><name value="1"/><name value="2"/></tag>)"));
  CHECK(json_of(patient(R"(<colour shade="dark"/>)"), 0, keep) == "fault: /Patient 2:38: an unknown element that cannot be kept: it has an attribute 'shade'");
  CHECK(xml_of(R"({"resourceType":"Patient","extra":[[1]]})", 0, keep) == "fault: /Patient/extra[1]: an unknown member that has no form in XML");
}

TEST_CASE("unknown elements are put in order in time that grows with their number only", "[fhir][xml]") {
  FhirReading keep;
  keep.keep_unknown = true;
  std::string inside;
  for (int i = 0; i < 100'000; ++i) inside += i % 2 == 0 ? "<a value='1'/>" : "<b value='2'/>";
  CHECK(json_of(patient(inside), 0, keep).size() == 400'038);
}

TEST_CASE("what XML has no form for is refused, not bent", "[fhir][xml]") {
  CHECK(xml_of(R"({"resourceType":"Patient","text":{"status":"empty","div":"<div>a&nbsp;b</div>"}})").starts_with("fault: /Patient/text/div: the narrative is not well-formed"));
  CHECK(xml_of(R"({"resourceType":"Patient","text":{"status":"empty","div":"<p xmlns=\"http://www.w3.org/1999/xhtml\"/>"}})") == "fault: /Patient/text/div: expected one <div> in the namespace of XHTML");
  CHECK(xml_of(R"({"resourceType":"Patient","name":[{"id":"a","_id":{"extension":[{"url":"u","valueCode":"x"}]}}]})") == "fault: /Patient/name[1]/@id: an attribute of XML cannot have an id or extensions");
  CHECK(xml_of("{\"resourceType\":\"Patient\",\"name\":[{\"family\":\"\\u0001\"}]}") == "fault: /Patient/name[1]/family: a character in this value has no place in XML");
  CHECK(xml_of(R"({"resourceType":"Patient","text":{"status":"empty","div":"<div>a</div>"}})").ends_with("<div xmlns=\"http://www.w3.org/1999/xhtml\">a</div></text></Patient>"));
}

TEST_CASE("megabytes of base64 pass through both", "[fhir][xml]") {
  std::string data;
  while (data.size() < 4'000'000) data += "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVph";
  const std::string binary = R"({"resourceType":"Binary","contentType":"application/pdf","data":")" + data + "\"}";
  CHECK((json_of(binary) == binary));
  CHECK((json_of(xml_of(binary)) == binary));
}

TEST_CASE("nesting has a limit in both", "[fhir][xml]") {
  std::string xml, json;
  for (int i = 0; i < 300; ++i) xml += "<extension url='u'>", json += R"({"url":"u","extension":[)";
  CHECK(json_of(patient(xml)).find("nested more than 128 deep") != std::string::npos);
  CHECK(json_of(R"({"resourceType":"Patient","extension":[)" + json).find("nested more than 128 deep") != std::string::npos);
}

// Set TOMBOLO_CORPORA to a folder that has fhir/*.xml.
TEST_CASE("every XML resource of the corpora agrees with its JSON", "[fhir][xml][corpora]") {
  const char* const corpora = std::getenv("TOMBOLO_CORPORA");
  if (corpora == nullptr) return;
  FhirReading skipping;
  skipping.skip_comments = true;
  std::size_t same = 0, refused = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(std::filesystem::path(corpora) / "fhir")) {
    if (file.path().extension() != ".xml") continue;
    const std::string bytes = test::read_file(file.path());
    const std::string json = json_of(bytes, 0, skipping);
    if (json.starts_with("fault: ")) {
      ++refused;
      std::cout << file.path().filename() << ": " << json << "\n";
      continue;
    }
    INFO(file.path());
    CHECK(json_of(json) == json);
    const std::string xml = xml_of(json);
    CHECK(said(xml) == said(bytes));
    CHECK(json_of(xml) == json);
    CHECK(xml_of(bytes, 0, skipping) == xml);
    ++same;
  }
  std::cout << same << " XML resources agree, " << refused << " refused\n";
}
