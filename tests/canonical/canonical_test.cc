#include "engine/canonical/canonical.h"

#include <catch2/catch.hpp>

#include <initializer_list>

using namespace tombolo;

namespace {

const FhirSchema& schema() {
  static const Library library;
  static const FhirSchema loaded(library);
  return loaded;
}

// One message being mapped, with short words for what maps do.
struct Message {
  Arena arena;
  Tree tree{arena};
  Identity identity{*to_uuid("6ba7b810-9dad-11d1-80b4-00c04fd430c8"), "ADT|NORTH|42"};
  Canonical canonical{schema(), tree, identity};

  ElementId type(std::string_view name) const { return schema().type(name); }
  ElementId member(NodeId of, std::string_view name) const { return schema().member(tree[of].element, name); }
  Handle entry(std::string_view name, std::string_view place = "PID") { return canonical.entry(type(name), place); }
  NodeId set(NodeId parent, std::string_view name, std::string_view value) { return canonical.add(parent, member(parent, name), value); }
  NodeId add(NodeId parent, std::string_view name) { return canonical.add(parent, member(parent, name)); }
  NodeId resource(Handle handle) { return canonical.resource(handle); }
  void key(Handle handle, std::initializer_list<std::string_view> parts) { canonical.key(handle, {parts.begin(), parts.size()}); }
  void alias(Handle handle, std::initializer_list<std::string_view> parts) { canonical.alias(handle, {parts.begin(), parts.size()}); }
  Handle find(std::string_view name, std::initializer_list<std::string_view> parts) { return canonical.find(type(name), {parts.begin(), parts.size()}); }
  NodeId refer(NodeId parent, std::string_view name, Handle to) {
    const NodeId reference = add(parent, name);
    canonical.refer(reference, to);
    return reference;
  }
  std::string value(NodeId node, std::initializer_list<std::string_view> path) const {
    for (const auto name : path) node = tree.child(node, name);
    return node == no_node ? "(none)" : std::string(tree[node].value());
  }
  std::string names(NodeId node) const {
    std::string all;
    for (const NodeId child : children(tree, node)) all += (all.empty() ? "" : " ") + std::string(tree[child].name());
    return all;
  }
  std::size_t entries() const {
    std::size_t n = 0;
    for (const NodeId child : children(tree, tree.root())) n += tree[child].name() == "entry";
    return n;
  }
};

}  // namespace

TEST_CASE("elements stand in schema order, however they were added", "[canonical]") {
  Message m;
  const NodeId patient = m.resource(m.entry("Patient"));
  m.set(patient, "birthDate", "1980-02");
  m.set(m.add(patient, "name"), "family", "Ost");
  m.set(patient, "gender", "female");
  m.set(m.add(patient, "name"), "family", "Nord");
  m.set(patient, "active", "true");
  m.set(m.add(patient, "identifier"), "value", "1");
  CHECK(m.names(patient) == "identifier active name name gender birthDate");
  CHECK(m.value(patient, {"name", "family"}) == "Ost");
}

TEST_CASE("a choice takes its type from the member", "[canonical]") {
  Message m;
  const NodeId seen = m.resource(m.entry("Observation"));
  const NodeId value = m.set(seen, "valueString", "none seen");
  CHECK(m.tree[value].name() == "value");
  CHECK(schema()[m.tree[value].element].json_name == "valueString");
  CHECK(m.canonical.member(seen, m.member(seen, "valueQuantity")) == value);
}

TEST_CASE("calls by name refuse what the schema does not have", "[canonical]") {
  Message m;
  const NodeId patient = m.resource(m.entry("Patient"));
  CHECK(m.canonical.add(patient, "brithDate", "1980").error().what == "there is no such element: did you mean 'birthDate'?");
  CHECK(m.canonical.add(patient, "birthDate", "02/03/1980").error().where == "Patient.birthDate");
  CHECK(m.canonical.add(patient, "name", "Ost").error().what == "expected an element with children");
  REQUIRE(m.canonical.add(patient, "birthDate", "1980"));
  CHECK(m.canonical.add(patient, "birthDate", "1981").error().what == "the element may stand once only");
  CHECK_FALSE(m.canonical.add(patient, "deceased", "true"));
  CHECK(m.canonical.add(patient, "deceasedBoolean", "true"));
  CHECK_FALSE(m.canonical.add(patient, "contained"));
  CHECK(m.canonical.add(patient, "name"));
  CHECK(m.names(patient) == "name birthDate deceased");
}

TEST_CASE("the same key gives the same id, in every message of the site", "[canonical]") {
  const auto id_of = [](std::string_view message, std::initializer_list<std::string_view> key, std::uint8_t site) {
    Message m;
    m.identity.message = message;
    m.identity.site.bytes[0] = site;
    const Handle patient = m.entry("Patient");
    m.key(patient, key);
    m.set(m.resource(patient), "active", "true");
    CHECK(m.canonical.finish().empty());
    const NodeId entry = m.tree.child(m.tree.root(), "entry");
    CHECK(m.names(entry) == "fullUrl resource");
    CHECK(m.value(entry, {"fullUrl"}) == "urn:uuid:" + m.value(entry, {"resource", "id"}));
    return m.value(entry, {"fullUrl"});
  };
  const std::string id = id_of("1", {"4711", "NORTH"}, 1);
  CHECK(id_of("2", {" 4711 ", "NORTH", ""}, 1) == id);
  CHECK(id_of("1", {"4711", "SOUTH"}, 1) != id);
  CHECK(id_of("1", {"4711NORTH"}, 1) != id);
  CHECK(id_of("1", {"4711", "NORTH"}, 2) != id);
  CHECK(id_of("1", {"", "NORTH"}, 1) != id_of("2", {"", "NORTH"}, 1));
}

TEST_CASE("without a key the id comes from the message and the place", "[canonical]") {
  Message m;
  for (const auto* place : {"OBX[1]", "OBX[2]", "OBX[2]"}) m.set(m.resource(m.entry("Observation", place)), "status", "final");
  m.canonical.finish();
  std::vector<std::string> ids;
  for (const NodeId entry : children(m.tree, m.tree.root())) ids.push_back(m.value(entry, {"fullUrl"}));
  CHECK(ids.size() == 3);
  CHECK(ids[0] != ids[1]);
  CHECK(ids[1] != ids[2]);
}

TEST_CASE("references are tied at the end, also to what comes later", "[canonical]") {
  Message m;
  const NodeId seen = m.resource(m.entry("Observation", "OBX"));
  const Handle parent = m.find("Observation", {"P1"});
  m.refer(seen, "hasMember", parent);
  const Handle patient = m.entry("Patient");
  m.refer(seen, "subject", patient);
  const Handle real = m.entry("Observation", "OBX[2]");
  m.alias(real, {"P1"});
  m.set(m.resource(real), "status", "final");
  CHECK(m.canonical.finish().empty());
  const NodeId third = m.tree[m.tree[m.tree[m.tree.root()].first].next].next;
  CHECK(m.value(seen, {"hasMember", "reference"}) == m.value(third, {"fullUrl"}));
  CHECK(m.value(seen, {"subject", "reference"}).starts_with("urn:uuid:"));
  CHECK(m.entries() == 3);
}

TEST_CASE("what is written to a searched entry lands in the one that is found", "[canonical]") {
  Message m;
  const Handle search = m.find("DiagnosticReport", {"R1"});
  const Handle seen = m.entry("Observation", "OBX");
  m.refer(m.resource(search), "result", seen);
  const Handle report = m.entry("DiagnosticReport", "OBR");
  m.key(report, {"R1"});
  m.set(m.resource(report), "status", "final");
  CHECK(m.canonical.finish().empty());
  CHECK(m.names(m.resource(report)) == "id status result");
  CHECK(m.entries() == 2);
}

TEST_CASE("a reference to nothing is taken out with what it leaves empty, and reported", "[canonical]") {
  Message m;
  const Handle visit = m.entry("Encounter", "PV1");
  m.set(m.resource(visit), "status", "finished");
  const NodeId participant = m.add(m.resource(visit), "participant");
  m.refer(participant, "individual", m.find("Practitioner", {"9"}));
  m.refer(m.resource(visit), "subject", Handle::none);
  const auto findings = m.canonical.finish();
  REQUIRE(findings.size() == 2);
  CHECK(findings[0].kind == Kind::missing);
  CHECK(findings[0].path == "Bundle.entry[0].resource.participant[0].individual");
  CHECK(findings[1].path == "Bundle.entry[0].resource.subject");
  CHECK(m.names(m.resource(visit)) == "id status");
}

TEST_CASE("equal keys are one resource: first value stands, lists grow, contradictions are reported", "[canonical]") {
  Message m;
  const Handle first = m.entry("Practitioner", "PV1-7");
  m.key(first, {"77", "NORTH"});
  const NodeId one = m.add(m.resource(first), "name");
  m.set(one, "family", "Ohm");
  m.set(m.resource(first), "gender", "female");
  const Handle second = m.entry("Practitioner", "PV1-8");
  m.key(second, {"77", "NORTH"});
  m.set(m.add(m.resource(second), "name"), "family", "Ohm");
  m.set(m.add(m.resource(second), "name"), "family", "Ampere");
  m.set(m.resource(second), "gender", "male");
  m.set(m.resource(second), "birthDate", "1960");
  const Handle visit = m.entry("Encounter", "PV1");
  m.refer(m.add(m.resource(visit), "participant"), "individual", first);
  m.refer(m.add(m.resource(visit), "participant"), "individual", second);
  const auto findings = m.canonical.finish();
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].kind == Kind::conflict);
  CHECK(findings[0].path == "Bundle.entry[0].resource.gender");
  CHECK(m.entries() == 2);
  CHECK(m.names(m.resource(first)) == "id name name gender birthDate");
  CHECK(m.value(m.resource(first), {"gender"}) == "female");
}

TEST_CASE("an alias alone never merges", "[canonical]") {
  Message m;
  for (const auto* place : {"OBX[1]", "OBX[2]"}) {
    const Handle seen = m.entry("Observation", place);
    m.alias(seen, {"same"});
    m.set(m.resource(seen), "status", "final");
  }
  const auto findings = m.canonical.finish();
  CHECK(m.entries() == 2);
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].kind == Kind::conflict);
}

TEST_CASE("taking back leaves nothing behind", "[canonical]") {
  Message m;
  const Handle patient = m.entry("Patient");
  m.set(m.resource(patient), "active", "true");
  const auto mark = m.canonical.mark();
  m.key(patient, {"1"});
  const NodeId contact = m.add(m.resource(patient), "contact");
  m.set(contact, "gender", "male");
  m.refer(contact, "organization", m.entry("Organization", "NK1-13"));
  m.canonical.take_back(mark);
  CHECK(m.names(m.resource(patient)) == "active");
  CHECK(m.entries() == 1);
  m.key(patient, {"2"});
  CHECK(m.canonical.finish().empty());
  CHECK(m.value(m.resource(patient), {"id"}) == text(named_uuid(m.identity.site, "Patient\x1fkey\x1f"
                                                                                "2")));
}

TEST_CASE("only what comes from a source makes an element stand", "[canonical]") {
  Message m;
  const NodeId patient = m.resource(m.entry("Patient"));
  const NodeId name = m.add(patient, "name");
  m.set(name, "use", "official");
  CHECK_FALSE(m.canonical.computed(name));
  const NodeId sources[] = {5, 6};
  const auto condition = m.tree.add_lineage({.rule = 1, .because = 2}, sources);
  m.canonical.add(name, m.member(name, "text"), "x", condition);
  CHECK_FALSE(m.canonical.computed(name));
  m.canonical.add(name, m.member(name, "family"), "Ost", m.tree.add_lineage({.rule = 1, .because = 1}, sources));
  CHECK(m.canonical.computed(patient));
}

TEST_CASE("a leaf or a list may hold deleted", "[canonical]") {
  Message m;
  const NodeId patient = m.resource(m.entry("Patient"));
  const NodeId gone = m.canonical.add_deleted(patient, m.member(patient, "address"));
  CHECK(m.tree[gone].holds == Holds::deleted);
}
