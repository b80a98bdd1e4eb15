#include "engine/schema/fhir.h"

#include <catch2/catch.hpp>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <set>

using namespace tombolo;

namespace {
const FhirSchema& schema() {
  static const Library library;
  static const FhirSchema loaded(library);
  return loaded;
}
const Element& element(std::string_view type, std::string_view name) {
  return schema()[schema().member(schema().type(type), name)];
}
}  // namespace

TEST_CASE("an element is found by type and name, with its type and cardinality", "[fhir]") {
  const Element& name = element("Patient", "name");
  CHECK(name.name == "name");
  CHECK(schema()[name.type].name == "HumanName");
  CHECK(name.list());
  CHECK(name.max == Element::many);
  const Element& birth = element("Patient", "birthDate");
  CHECK(birth.primitive == Primitive::date);
  CHECK_FALSE(birth.list());
  CHECK(element("Observation", "status").min == 1);
  CHECK(element("Observation", "status").modifier);
}

TEST_CASE("inherited elements are there and come first", "[fhir]") {
  const auto members = schema().members(schema().type("Patient"));
  std::vector<std::string_view> names;
  for (const Element& member : members) names.push_back(member.json_name);
  const std::vector<std::string_view> first{"id", "meta", "implicitRules", "language", "text", "contained", "extension", "modifierExtension", "identifier", "active"};
  names.resize(first.size());
  CHECK(names == first);
  CHECK(element("Patient", "id").primitive == Primitive::id);
  CHECK(element("HumanName", "id").primitive == Primitive::string);
  CHECK(element("Age", "unit").primitive == Primitive::string);
  CHECK(element("Patient.contact", "modifierExtension").list());
}

TEST_CASE("a choice is one member per type, side by side", "[fhir]") {
  const ElementId observation = schema().type("Observation");
  const ElementId first = schema().member(observation, "value");
  CHECK(schema()[first].json_name == "valueQuantity");
  CHECK(schema()[first].variants == 11);
  CHECK(schema()[first].choice());
  const ElementId text = schema().variant(first, schema().type("string"));
  CHECK(schema()[text].json_name == "valueString");
  CHECK(schema()[text].name == "value");
  CHECK(schema().member(observation, "valueString") == text);
  CHECK(schema()[text].order == schema()[first].order);
  CHECK(schema().variant(first, schema().type("Money")) == untyped);
  CHECK(schema()[schema().member(schema().type("Extension"), "valueBase64Binary")].primitive == Primitive::base64_binary);
}

TEST_CASE("backbones are types, named by their path; content references are resolved", "[fhir]") {
  CHECK(schema()[element("Patient", "contact").type].name == "Patient.contact");
  CHECK(schema()[element("Observation.component", "referenceRange").type].name == "Observation.referenceRange");
  CHECK(schema()[element("Bundle.entry", "link").type].name == "Bundle.link");
  CHECK(schema().member(schema().member(schema().type("Patient"), "contact"), "relationship") != untyped);
}

TEST_CASE("types know what they derive from", "[fhir]") {
  const auto is = [](std::string_view a, std::string_view b) { return schema().is(schema().type(a), schema().type(b)); };
  CHECK(is("Patient", "Resource"));
  CHECK(is("Patient", "DomainResource"));
  CHECK_FALSE(is("Bundle", "DomainResource"));
  CHECK(is("Age", "Quantity"));
  CHECK(is("positiveInt", "integer"));
  CHECK(is("Patient.contact", "BackboneElement"));
  CHECK_FALSE(is("Quantity", "Age"));
  CHECK(schema().is_abstract(schema().type("DomainResource")));
  CHECK_FALSE(schema().is_abstract(schema().type("Patient")));
  CHECK(schema().is_resource(schema().type("Patient")));
  CHECK_FALSE(schema().is_resource(schema().type("HumanName")));
}

TEST_CASE("references know their targets", "[fhir]") {
  const ElementId subject = schema().member(schema().type("Encounter"), "subject");
  std::set<std::string_view> names;
  for (const ElementId target : schema().targets(subject)) names.insert(schema()[target].name);
  CHECK(names == std::set<std::string_view>{"Patient", "Group"});
  CHECK(schema().targets(schema().member(schema().type("List.entry"), "item")).empty());
}

TEST_CASE("required bindings know their codes", "[fhir]") {
  const auto gender = element("Patient", "gender").value_set;
  REQUIRE(gender != 0);
  CHECK(schema().value_set(gender).url == "http://hl7.org/fhir/ValueSet/administrative-gender");
  CHECK(schema().codes(gender).size() == 4);
  CHECK(schema().has_code(gender, "female"));
  CHECK_FALSE(schema().has_code(gender, "F"));
  const auto clinical = element("Condition", "clinicalStatus").value_set;
  CHECK(schema().has_code(clinical, "http://terminology.hl7.org/CodeSystem/condition-clinical", "active"));
  CHECK_FALSE(schema().has_code(clinical, "http://example.org", "active"));
  CHECK(element("Attachment", "contentType").value_set == 0);
}

TEST_CASE("what is not there is untyped", "[fhir]") {
  CHECK(schema().type("Pateint") == untyped);
  CHECK(schema().member(schema().type("Patient"), "nam") == untyped);
  CHECK(schema().member(untyped, "Patient") == untyped);
}

TEST_CASE("every member finds itself by its JSON name", "[fhir]") {
  std::size_t members = 0;
  for (const auto name : schema().type_names()) {
    const ElementId type = schema().type(name);
    CHECK(schema()[type].name == name);
    for (const Element& member : schema().members(type)) {
      ++members;
      if (schema().member(type, member.json_name) != schema().id(member)) FAIL(name << "." << member.json_name);
      if (member.type == untyped) FAIL(name << "." << member.json_name);
    }
  }
  CHECK(members > 8000);
  const Library library;
  const auto begin = std::chrono::steady_clock::now();
  const FhirSchema again(library);
  const auto took = std::chrono::steady_clock::now() - begin;
  if (std::getenv("TOMBOLO_FIGURES"))
    std::cout << "load of the R4 schema: " << std::chrono::duration_cast<std::chrono::microseconds>(took).count() << " us, " << again.size() << " elements of " << sizeof(Element) << " bytes\n";
}
