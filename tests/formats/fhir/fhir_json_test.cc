#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "engine/formats/fhir/parse.h"
#include "engine/formats/fhir/print.h"
#include "tests/support/temp.h"

using namespace tombolo;

namespace {

const FhirSchema& schema() {
  static const Library library;
  static const FhirSchema loaded(library);
  return loaded;
}

std::string again(std::string_view bytes, int indent = 0) {
  Arena arena;
  Tree tree(arena);
  const auto read = parse_fhir(bytes, schema(), tree);
  return read ? print_fhir(tree, schema(), indent) : "fault: " + text(read.error());
}

// The value with its members sorted by name: equal texts are equal JSON.
std::string sorted(const Tree& tree, NodeId node) {
  switch (json_kind(tree[node])) {
    case JsonKind::string: return "\"" + std::string(tree[node].value()) + "\"";
    case JsonKind::number:
    case JsonKind::boolean: return std::string(tree[node].value());
    case JsonKind::null: return "null";
    default: break;
  }
  std::vector<std::string> members;
  for (NodeId child = tree[node].first; child != no_node;) {
    std::string member = std::string(tree[child].name()) + ":";
    const NodeId first = child;
    do {
      member += sorted(tree, child) + (json_item(tree[child]) ? "," : "");
      child = tree[child].next;
    } while (child != no_node && json_item(tree[first]) && tree[child].name() == tree[first].name());
    members.push_back(std::move(member));
  }
  std::sort(members.begin(), members.end());
  std::string all = json_kind(tree[node]) == JsonKind::array ? "[" : "{";
  for (const auto& member : members) all += member + ";";
  return all + "}";
}

std::string sorted(std::string_view bytes) {
  Arena arena;
  Tree tree(arena);
  const auto read = parse_json(bytes, tree);
  return read ? sorted(tree, tree.root()) : text(read.error());
}

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
    ++same;
  }
  std::cout << same << " resources (" << bytes << " bytes) equal, " << refused << " refused\n";
}
