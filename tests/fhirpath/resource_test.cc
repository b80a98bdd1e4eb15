// Expressions over FHIR resources: FHIR's types, its additions to the language, and what ResourceScope and ResourceFrame know.
#include "engine/fhirpath/resource.h"

#include <catch2/catch.hpp>

#include "engine/base/library.h"
#include "engine/fhirpath/parse.h"
#include "engine/formats/fhir/parse.h"

using namespace tombolo;
using namespace tombolo::fhirpath;

namespace {

const FhirTypes& types() {
  static const Library library({}, TOMBOLO_SOURCE_DIR);
  static const FhirSchema schema(library);
  static const FhirTypes all(schema);
  return all;
}

const std::string patient = R"({"resourceType":"Patient","id":"p1","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Tove</p></div>"},
  "contained":[{"resourceType":"Organization","id":"o1","name":"North","partOf":{"reference":"#"}}],
  "extension":[{"url":"urn:weight","valueQuantity":{"value":80,"unit":"kg","system":"http://unitsofmeasure.org","code":"kg"}},{"url":"urn:age","valueAge":{"value":7,"code":"a","system":"http://unitsofmeasure.org"}}],
  "modifierExtension":[{"url":"urn:strange","valueBoolean":true}],
  "active":true,"gender":"female","_birthDate":{"extension":[{"url":"urn:why","valueString":"unknown"}]},"multipleBirthInteger":2,
  "name":[{"use":"official","family":"Berg","given":["Tove","Lin"]},{"use":"old","family":"Dahl"}],
  "communication":[{"language":{"coding":[{"system":"urn:ietf:bcp:47","code":"nb"}]}}],
  "managingOrganization":{"reference":"#o1"}})";

const std::string bundle = R"({"resourceType":"Bundle","type":"collection","entry":[
  {"fullUrl":"http://north.example/Patient/7","resource":{"resourceType":"Patient","id":"7"}},
  {"fullUrl":"urn:uuid:9","resource":{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/7"},
   "focus":[{"reference":"urn:uuid:9"},{"reference":"Patient/8"}],"valueQuantity":{"value":5,"comparator":"<","unit":"mg"}}}]})";

std::string ask(std::string_view expression, const std::string& bytes = patient, Checks checks = Checks::usual) {
  Arena arena;
  Tree tree(arena);
  if (!parse_fhir(bytes, types().schema(), tree)) return "no FHIR";
  const Parsed parsed = parse(expression, Dialect::standard);
  if (!parsed) return "syntax at " + std::to_string(parsed.problem->offset) + ": " + parsed.problem->text;
  const Bound bound = bind(parsed.expression, ResourceScope(types(), types().type_of_node(tree, tree.root()), checks));
  if (!bound) return "error at " + std::to_string(bound.problems[0].offset) + ": " + bound.problems[0].text;
  const ResourceFrame frame(types(), &tree, *to_date_time("2026-02-03T10:11:12Z"));
  Run run{frame, arena};
  Items start(arena), out(arena);
  start.add(tree, tree.root());
  const auto done = evaluate(bound.program, run, start, out);
  if (!done) return "fault at " + std::to_string(run.failed_at) + ": " + done.error().what;
  std::string all;
  for (const Item& item : out) all += (all.empty() ? "" : ", ") + std::string(text(item, arena).value_or("{}"));
  return all;
}

}  // namespace

TEST_CASE("a path may begin with the type of the resource, or of what it is built upon", "[fhirpath]") {
  CHECK(ask("Patient.name.family") == "Berg, Dahl");
  CHECK(ask("DomainResource.id") == "p1");
  CHECK(ask("Observation.id").starts_with("error at 0"));
  CHECK(ask("name.where(use = 'official').given") == "Tove, Lin");
}

TEST_CASE("choices are called without their type", "[fhirpath]") {
  CHECK(ask("multipleBirth") == "2");
  CHECK(ask("multipleBirth is integer") == "true");
  CHECK(ask("multipleBirth is boolean") == "false");
  CHECK(ask("(multipleBirth as integer) + 1") == "3");
  CHECK(ask("multipleBirth.ofType(boolean)").empty());
  CHECK(ask("multipleBirthInteger").starts_with("error at 0"));
}

TEST_CASE("FHIR's types and the language's own are different things", "[fhirpath]") {
  CHECK(ask("active is boolean") == "true");
  CHECK(ask("active is Boolean") == "false");
  CHECK(ask("active is System.Boolean") == "false");
  CHECK(ask("gender is code") == "true");
  CHECK(ask("gender is string") == "true");
  CHECK(ask("gender.as(string)").empty());
  CHECK(ask("gender.type().name") == "code");
  CHECK(ask("gender.type().namespace") == "FHIR");
  CHECK(ask("gender.getValue().type().name") == "String");
  CHECK(ask("name.first() is Element") == "true");
  CHECK(ask("$this is DomainResource") == "true");
  CHECK(ask("descendants().ofType(HumanName).count()") == "2");
}

TEST_CASE("primitives have values and children", "[fhirpath]") {
  CHECK(ask("birthDate.exists()") == "true");
  CHECK(ask("birthDate.hasValue()") == "false");
  CHECK(ask("birthDate.getValue()").empty());
  CHECK(ask("birthDate.extension('urn:why').value") == "unknown");
  CHECK(ask("gender.hasValue()") == "true");
  CHECK(ask("name.hasValue()") == "false");
  CHECK(ask("extension('urn:nothing')").empty());
}

TEST_CASE("FHIR's quantities are quantities", "[fhirpath]") {
  CHECK(ask("extension('urn:weight').value > 79000 'g'") == "true");
  CHECK(ask("extension('urn:weight').value.ofType(Quantity) = 80 'kg'") == "true");
  CHECK(ask("extension('urn:age').value = 7 years") == "true");
  CHECK(ask("extension('urn:age').value = 7 'a'") == "true");
  CHECK(ask("extension('urn:age').value is Quantity") == "true");
  CHECK(ask("Bundle.entry.resource.value < 10 'mg'", bundle).starts_with("fault at 28"));  // "less than 5" is no quantity
}

TEST_CASE("the resource is known by its names", "[fhirpath]") {
  CHECK(ask("name.where(%resource.active).count()") == "2");
  CHECK(ask("name.select(%context.id)") == "p1, p1");
  CHECK(ask("%rootResource.id") == "p1");
  CHECK(ask("%resourc.id") == "error at 0: unknown variable '%resourc': did you mean 'resource'?");
}

TEST_CASE("references are followed within the resource and the Bundle", "[fhirpath]") {
  CHECK(ask("managingOrganization.resolve().name") == "North");
  CHECK(ask("managingOrganization.resolve().is(Organization)") == "true");
  CHECK(ask("contained.partOf.resolve().id") == "p1");
  CHECK(ask("'#o1'.resolve().name") == "North");
  CHECK(ask("Bundle.entry.resource.subject.resolve().id", bundle) == "7");
  CHECK(ask("Bundle.entry.resource.focus.resolve().status", bundle) == "final");
  CHECK(ask("Bundle.entry.resource.where(subject.resolve() is Patient).status", bundle) == "final");
}

TEST_CASE("codes are members of the value sets that R4 requires", "[fhirpath]") {
  CHECK(ask("gender.memberOf('http://hl7.org/fhir/ValueSet/administrative-gender')") == "true");
  CHECK(ask("gender.memberOf(%`vs-administrative-gender`)") == "true");
  CHECK(ask("gender.memberOf('http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1')") == "true");
  CHECK(ask("'feminine'.memberOf(%`vs-administrative-gender`)") == "false");
  CHECK(ask("communication.language.memberOf(%`vs-administrative-gender`)") == "false");
  CHECK(ask("communication.language.coding.memberOf(%`vs-administrative-gender`)") == "false");
  CHECK(ask("gender.memberOf('urn:nobody-knows-it')").empty());
  CHECK(ask("name.use.memberOf(%`vs-name-use`)").empty());
}

TEST_CASE("R4's own types are the profiles that are known", "[fhirpath]") {
  CHECK(ask("conformsTo('http://hl7.org/fhir/StructureDefinition/Patient')") == "true");
  CHECK(ask("conformsTo('http://hl7.org/fhir/StructureDefinition/Observation')") == "false");
  CHECK(ask("name.first().conformsTo('http://hl7.org/fhir/StructureDefinition/HumanName')") == "true");
  CHECK(ask("conformsTo('http://north.example/own')").starts_with("fault at 0: conformsTo()"));
}

TEST_CASE("modifier extensions that nobody knows stop it", "[fhirpath]") {
  CHECK(ask("checkModifiers('urn:strange').id") == "p1");
  CHECK(ask("checkModifiers('urn:other').id").starts_with("fault at 0: checkModifiers()"));
}

TEST_CASE("narratives are checked", "[fhirpath]") {
  CHECK(ask("text.div.htmlChecks()") == "true");
  CHECK(ask("'<div><script>x</script></div>'.htmlChecks()") == "false");
  CHECK(ask("'<div onclick=\"x\">x</div>'.htmlChecks()") == "false");
  CHECK(ask("'<div> </div>'.htmlChecks()") == "false");
  CHECK(ask("'<div><p>x</div>'.htmlChecks()") == "false");
  CHECK(ask("'<div><!-- > --><b>x</b><br/></div>'.htmlChecks()") == "true");
  CHECK(ask("'<div>x</div>y'.htmlChecks()") == "false");
  CHECK(ask("'text'.htmlChecks()") == "false");
}

TEST_CASE("what is wrong is found before anything runs, as strictly as asked", "[fhirpath]") {
  CHECK(ask("name.givn") == "error at 5: HumanName has no element 'givn': did you mean 'given'?");
  CHECK(ask("name.givn", patient, Checks::lenient).empty());
  CHECK(ask("name.given.where(lengthh() > 2)").starts_with("error at 17: unknown function"));
  CHECK(ask("name.first().startsWith('a')") == "error at 13: startsWith(): expected text before the dot");
  CHECK(ask("id.startsWith(1)") == "error at 14: expected text as this argument");
  CHECK(ask("id.substring(active)") == "error at 13: expected an integer as this argument");
  CHECK(ask("active + 1").starts_with("error at 7: '+' takes two numbers"));
  CHECK(ask("name.family.upper()", patient, Checks::strict).starts_with("error at 12: upper(): takes one value"));
  CHECK(ask("id.startsWith(name.family)", patient, Checks::strict).starts_with("error at 19: this argument is one value"));
  CHECK(ask("children()[0]", patient, Checks::strict).starts_with("error at 10: what stands before [n] has no order"));
  CHECK(ask("descendants().where(true).last()", patient, Checks::strict).starts_with("error at 26: last(): what stands before it has no order"));
  CHECK(ask("name.family.first().upper()", patient, Checks::strict) == "BERG");
}

TEST_CASE("a fault says where it arose", "[fhirpath]") {
  CHECK(ask("id & name.family.single()").starts_with("fault at 17: single()"));
  CHECK(ask("id + ' ' + name.family").starts_with("fault at 9: '+'"));
  CHECK(ask("name.select(given[use])").starts_with("fault at 17: an index"));
}

TEST_CASE("complex values are equal leaf by leaf", "[fhirpath]") {
  CHECK(ask("name.first() = name.first()") == "true");
  CHECK(ask("name[0] = name[1]") == "false");
  CHECK(ask("(name | name).count()") == "2");
  CHECK(ask("name.distinct().count()") == "2");
}
