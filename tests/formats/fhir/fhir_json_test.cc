#include <catch2/catch.hpp>

#include <cstdlib>
#include <iostream>

#include "tests/formats/fhir/reading.h"
#include "tests/support/temp.h"

using namespace tombolo;
using test::schema;
using test::sorted;

namespace {

std::string again(std::string_view bytes, int indent = 0) { return test::json_of(bytes, indent); }

}  // namespace

TEST_CASE("a resource comes out as it went in", "[fhir]") {
  for (const auto* resource : {
           R"({"resourceType":"Patient"})",
           R"({"resourceType":"Patient","id":"a","active":true,"name":[{"family":"Ost","given":["Eva","M."]}],"birthDate":"1980-02"})",
           R"({"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":1.00,"unit":"mg"}})",
           R"({"resourceType":"Patient","birthDate":"1970-03-30","_birthDate":{"extension":[{"url":"http://example.org/time","valueDateTime":"1970-03-30T20:00:00+01:00"}]}})",
           R"({"resourceType":"Patient","_birthDate":{"id":"b"}})",
           R"({"resourceType":"Patient","name":[{"given":["A",null,"B"],"_given":[null,{"id":"g"},{"extension":[{"url":"http://example.org/e","valueBoolean":false}]}]}]})",
           R"({"resourceType":"Patient","name":[{"_given":[{"id":"g"}]}]})",
           R"({"resourceType":"Patient","contained":[{"resourceType":"Organization","id":"o"},{"resourceType":"Patient","id":"p"}],"managingOrganization":{"reference":"#o"}})",
           R"({"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"urn:uuid:c757873d-ec9a-4326-a141-556f43239520","resource":{"resourceType":"Patient"}}]})",
           R"({"resourceType":"Parameters","parameter":[{"name":"p","resource":{"resourceType":"Binary","contentType":"text/plain"}},{"name":"q","part":[{"name":"r","valueInteger":-7}]}]})",
           R"({"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">a &amp; b</div>"}})",
           R"({"resourceType":"Questionnaire","status":"draft","item":[{"linkId":"1","type":"group","item":[{"linkId":"1.1","type":"string"}]}]})",
       }) {
    CHECK(again(resource) == resource);
  }
}

TEST_CASE("elements are printed in schema order, whatever order they came in", "[fhir]") {
  CHECK(again(R"({"birthDate":"1980","name":[{"given":["Eva"],"family":"Ost"}],"id":"a","resourceType":"Patient"})") ==
        R"({"resourceType":"Patient","id":"a","name":[{"family":"Ost","given":["Eva"]}],"birthDate":"1980"})");
  CHECK(again(R"({"resourceType":"Patient","name":[{"_given":[null,{"id":"2"},{"id":"3"}],"given":["A","B"],"family":"Ost"}]})") ==
        R"({"resourceType":"Patient","name":[{"family":"Ost","given":["A","B",null],"_given":[null,{"id":"2"},{"id":"3"}]}]})");
}

TEST_CASE("companions are paired in time that grows with their number only", "[fhir]") {
  std::string values, companions;
  for (int i = 0; i < 100'000; ++i) {
    values += i == 0 ? "\"a\"" : ",\"a\"";
    companions += i == 0 ? "{\"id\":\"x\"}" : ",{\"id\":\"x\"}";
  }
  const std::string text = R"({"resourceType":"Patient","name":[{"given":[)" + values + R"(],"_given":[)" + companions + "]}]}";
  CHECK(again(text) == text);
}

TEST_CASE("pretty printing indents every level", "[fhir]") {
  CHECK(again(R"({"resourceType":"Patient","name":[{"given":["A"]}],"active":true})", 2) ==
        "{\n  \"resourceType\": \"Patient\",\n  \"active\": true,\n  \"name\": [\n    {\n      \"given\": [\n        \"A\"\n      ]\n    }\n  ]\n}");
}

TEST_CASE("what R4 does not have is refused with its place", "[fhir]") {
  CHECK(again(R"({"resourceType":"Patient","brithDate":"1980"})") == "fault: /brithDate 1:39: Patient has no such element: did you mean 'birthDate'?");
  CHECK(again("{\"resourceType\":\"Patient\",\n\"name\":[{\"given\":[\"a\"]},{\"given\":[7]}]}") == "fault: /name/1/given/0 2:35: expected a string, found a number");
  CHECK(again(R"({"resourceType":"Patient","name":{"family":"x"}})").ends_with("expected an array: the element may repeat"));
  CHECK(again(R"({"resourceType":"Patient","gender":["male"]})").ends_with("expected no array: the element may not repeat"));
  CHECK(again(R"({"resourceType":"Patient","active":"true"})").ends_with("expected true or false, found a string"));
  CHECK(again(R"({"resourceType":"Patient","deceased":true})").find("no such element") != std::string::npos);
  CHECK(again(R"({"resourceType":"Patient","deceasedBoolean":true,"deceasedDateTime":"2020"})").ends_with("the element may have one type only, this is another one"));
  CHECK(again(R"({"resourceType":"Patient","name":[]})").ends_with("an array may not be empty"));
  CHECK(again(R"({"resourceType":"Patient","name":[{}]})").ends_with("an element may not be empty"));
  CHECK(again(R"({"resourceType":"Patient","name":[{"family":""}]})").ends_with("a value may not be empty"));
  CHECK(again(R"({"resourceType":"Patient","name":[[{"family":"x"}]]})").ends_with("expected an object, found an array"));
  CHECK(again(R"({"resourceType":"Patient","name":[null]})").ends_with("expected an object, found null"));
  CHECK(again(R"({"resourceType":"Patient","name":[{"given":[null]}]})").ends_with("null has no companion with an underscore here"));
  CHECK(again(R"({"resourceType":"Patient","name":[{"given":["a"],"_given":[null,null]}]})").ends_with("null has no value of that name beside it"));
  CHECK(again(R"({"resourceType":"Patient","_name":[{"id":"x"}]})").ends_with("only a primitive element has a companion with an underscore"));
  CHECK(again(R"({"resourceType":"Patient","_birthDate":{}})").ends_with("expected an object with an id or extensions"));
  CHECK(again(R"({"resourceType":"Patient","_birthDate":"x"})").ends_with("expected an object with an id or extensions"));
  CHECK(again(R"({"resourceType":"Patient","birthDate":null})").ends_with("expected a string, found null"));
  CHECK(again(R"({"resourceType":"Pateint"})").ends_with("expected the name of a resource type"));
  CHECK(again(R"({"resourceType":"Resource"})").ends_with("expected the name of a resource type"));
  CHECK(again(R"({"resourceType":"HumanName"})").ends_with("expected the name of a resource type"));
  CHECK(again(R"({"id":"a"})").ends_with("expected a resourceType"));
  CHECK(again(R"([1])").ends_with("expected a resource, found an array"));
  CHECK(again(R"({"resourceType":"Bundle","entry":[{"resource":{"id":"a"}}]})") == "fault: /entry/0/resource 1:47: expected a resourceType");
}

TEST_CASE("what R4 does not have is kept if the reading says so", "[fhir]") {
  FhirReading keep;
  keep.keep_unknown = true;
  for (const auto* resource : {
           R"({"resourceType":"Patient","id":"a","brithDate":"1980"})",
           R"({"resourceType":"Patient","birthDate":"1980","_extra":null,"extra":[1.00,[],[2,{"x":[]}]],"more":{"id":"1","yes":true}})",
           R"({"resourceType":"Patient","name":[{"family":"Ost","nick":["A","B"]}]})",
           R"({"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Basic","colour":"red"},"extra":1}]})",
       }) {
    CHECK(test::json_of(resource, 0, keep) == resource);
  }
  CHECK(test::json_of(R"({"resourceType":"Pateint"})", 0, keep).ends_with("expected the name of a resource type"));
}

TEST_CASE("a comment is no JSON", "[fhir]") {
  CHECK(again("{\n  // who\n  \"resourceType\":\"Patient\"}").starts_with("fault: 2:3: "));
  CHECK(again("{\"resourceType\":\"Patient\" /* who */}").starts_with("fault: 1:27: "));
}

TEST_CASE("a member that stands twice is refused, wherever it is", "[fhir]") {
  CHECK(again(R"({"resourceType":"Patient","id":"a","id":"b"})").find("stands twice") != std::string::npos);
  CHECK(again(R"({"resourceType":"Patient","name":[{"family":"a"},{"family":"b","\u0066amily":"c"}]})") ==
        "fault: /name/1 1:64: this member stands twice in its object");
}

TEST_CASE("deleted leaves are left out, with what they leave empty", "[fhir]") {
  Arena arena;
  Tree tree(arena);
  REQUIRE(parse_fhir(R"({"resourceType":"Patient","name":[{"family":"Ost"},{"given":["A","B"]}],"birthDate":"1980"})", schema(), tree));
  const NodeId name = tree.child(tree.root(), "name");
  tree.set_deleted(tree.child(name, "family"));
  tree.set_deleted(tree.child(tree.next_same(name), "given"));
  CHECK(print_fhir(tree, schema()) == R"({"resourceType":"Patient","name":[{"given":["B"]}],"birthDate":"1980"})");
  tree.set_deleted(tree.next_same(tree.child(tree.next_same(name), "given")));
  CHECK(print_fhir(tree, schema()) == R"({"resourceType":"Patient","birthDate":"1980"})");
}

// Set TOMBOLO_CORPORA to a folder that has fhir/manifest.tsv (path, kind, …).
TEST_CASE("every resource of the corpora comes out as it went in", "[fhir][corpora]") {
  const char* const corpora = std::getenv("TOMBOLO_CORPORA");
  if (corpora == nullptr) return;
  std::size_t same = 0, refused = 0, bytes = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(std::filesystem::path(corpora) / "fhir")) {
    if (file.path().extension() != ".json") continue;
    const std::string bytes_in = test::read_file(file.path());
    const std::string out = again(bytes_in);
    if (out.starts_with("fault: ")) {
      ++refused;
      std::cout << file.path().filename() << ": " << out << "\n";
      continue;
    }
    bytes += bytes_in.size();
    INFO(file.path());
    CHECK(sorted(out) == sorted(bytes_in));
    CHECK(again(out) == out);
    CHECK(again(again(bytes_in, 2)) == out);
    const std::string xml = test::xml_of(bytes_in, 2);
    if (xml.starts_with("fault: ")) std::cout << file.path().filename() << " has no form in XML: " << xml << "\n";
    else CHECK(again(xml) == out);
    ++same;
  }
  std::cout << same << " resources (" << bytes << " bytes) equal, " << refused << " refused\n";
}
