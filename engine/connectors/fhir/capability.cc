#include "engine/connectors/fhir/capability.h"

#include <algorithm>
#include <vector>

#include "engine/base/json.h"

namespace tombolo::fhir {
namespace {

constexpr std::string_view how =
    "Nothing is kept here to be read: a write is a message. It is answered 202 when it is kept, or, where the channel waits for it, 200 "
    "when it was mapped, or with the answer of the receiver that the channel waits for. Only that receiver can make a transaction atomic.";

void interactions(JsonWriter& json, std::initializer_list<std::string_view> codes) {
  json.key("interaction"), json.begin_array();
  for (const auto code : codes) json.begin_object(), json.member("code", code), json.end_object();
  json.end_array();
}

}  // namespace

std::string capability_statement(const Capability& capability, const FhirSchema& schema) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.member("resourceType", "CapabilityStatement");
  json.member("status", "active");
  json.member("date", iso8601(capability.since));
  json.member("kind", "instance");
  json.key("software"), json.begin_object(), json.member("name", "Tombolo"), json.member("version", TOMBOLO_VERSION), json.end_object();
  json.key("implementation"), json.begin_object(), json.member("description", "channel " + capability.channel), json.end_object();
  json.member("fhirVersion", "4.0.1");
  json.key("format"), json.begin_array();
  for (const auto* format : {"application/fhir+json", "application/fhir+xml"}) json.string(format);
  json.end_array();
  json.key("rest"), json.begin_array(), json.begin_object();
  json.member("mode", "server");
  json.member("documentation", how);
  if (capability.tokens) {
    json.key("security"), json.begin_object();
    json.member("description", "A bearer token (RFC 6750) in every request.");
    json.end_object();
  }
  std::vector<std::string_view> types;
  for (const auto name : schema.type_names()) {
    const ElementId type = schema.type(name);
    if (schema.is_resource(type) && !schema.is_abstract(type)) types.push_back(name);
  }
  std::sort(types.begin(), types.end());
  json.key("resource"), json.begin_array();
  for (const auto type : types) {
    json.begin_object();
    json.member("type", type);
    interactions(json, {"create", "update"});
    json.end_object();
  }
  json.end_array();
  interactions(json, {"transaction", "batch"});
  json.key("operation"), json.begin_array(), json.begin_object();
  json.member("name", "process-message");
  json.member("definition", "http://hl7.org/fhir/OperationDefinition/MessageHeader-process-message");
  json.end_object(), json.end_array();
  json.end_object(), json.end_array();
  json.end_object();
  return out;
}

}  // namespace tombolo::fhir
