#include "engine/connectors/fhir/interaction.h"

#include <algorithm>

#include "engine/base/letters.h"
#include "engine/base/text.h"

namespace tombolo::fhir {
namespace {

bool is_id(std::string_view text) {  // R4, datatypes.html#id
  return !text.empty() && text.size() <= 64 &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_letter_or_digit(c) || c == '-' || c == '.'; });
}

bool is_resource(const FhirSchema& schema, std::string_view name) {
  const ElementId type = schema.type(name);
  return type != untyped && schema.is_resource(type) && !schema.is_abstract(type);
}

Refusal not_here(std::string text, std::string allow) { return {405, "not-supported", std::move(text), std::move(allow)}; }

// "json", "application/fhir+json", "text/xml" …; nullopt: something else.
std::optional<FhirSyntax> syntax_of(std::string_view type) {
  type = trim(type.substr(0, type.find(';')));
  for (const std::string_view json : {"json", "application/json", "application/fhir+json", "application/fhir%2Bjson", "text/json"})
    if (equal_ignoring_case(type, json)) return FhirSyntax::json;
  for (const std::string_view xml : {"xml", "application/xml", "application/fhir+xml", "application/fhir%2Bxml", "text/xml"})
    if (equal_ignoring_case(type, xml)) return FhirSyntax::xml;
  return std::nullopt;
}

bool any(std::string_view type) {
  type = trim(type.substr(0, type.find(';')));
  return type == "*/*" || type == "application/*";
}

// What stands between the base and the query, without slashes at its ends; nullopt: another path.
std::optional<std::string_view> below(std::string_view path, std::string_view base) {
  while (base.ends_with('/')) base.remove_suffix(1);
  if (!path.starts_with(base)) return std::nullopt;
  path.remove_prefix(base.size());
  if (!path.empty() && path.front() != '/') return std::nullopt;
  while (path.starts_with('/')) path.remove_prefix(1);
  while (path.ends_with('/')) path.remove_suffix(1);
  return path;
}

Interaction write_of(std::string as) { return {Interaction::Kind::write, std::move(as), false}; }

Asked ask(const std::string& method, std::string_view path, std::string_view target, const FhirSchema& schema) {
  const bool post = method == "POST";
  if (path == "metadata") {
    if (method == "GET" || method == "HEAD") return {Interaction{Interaction::Kind::metadata, {}, false}, {}};
    return {{}, not_here("metadata is read", "GET, HEAD")};
  }
  if (path.empty()) {
    if (post) return {write_of("Bundle/batch Bundle/transaction"), {}};
    return {{}, not_here("nothing is kept here that could be read: expected POST", "POST")};
  }
  if (path == "$process-message") {
    if (post) return {Interaction{Interaction::Kind::process_message, "Bundle/message", query(target, "async") == "true"}, {}};
    return {{}, not_here("$process-message is called with POST", "POST")};
  }
  const auto parts = split(path, '/');
  if (!is_resource(schema, parts[0])) return {{}, {404, "not-found", "R4 has no such resource, and this server no such operation", {}}};
  if (parts.size() == 1) {
    if (post) return {write_of(std::string(parts[0])), {}};
    return {{}, not_here("nothing is kept here that could be searched: expected POST", "POST")};
  }
  if (parts.size() == 2 && is_id(parts[1])) {
    if (method == "PUT") return {write_of(std::string(parts[0]) + "/" + std::string(parts[1])), {}};
    return {{}, not_here("nothing is kept here that could be read, patched or deleted: expected PUT", "PUT")};
  }
  return {{}, {404, "not-found", "this server has no such interaction; GET metadata says what it has", {}}};
}

}  // namespace

std::string_view query(std::string_view target, std::string_view name) {
  const std::size_t mark = target.find('?');
  if (mark == std::string_view::npos) return {};
  for (const std::string_view pair : split(target.substr(mark + 1), '&')) {
    const std::size_t equals = std::min(pair.find('='), pair.size());
    if (pair.substr(0, equals) == name) return pair.substr(std::min(equals + 1, pair.size()));
  }
  return {};
}

Asked interaction_of(const http::Request& request, std::string_view base, const FhirSchema& schema) {
  const auto path = below(request.path(), base);
  if (!path) return {{}, {404, "not-found", "the base of this server is " + std::string(base), {}}};
  Asked asked = ask(request.method, *path, request.target, schema);
  if (!asked.interaction) return asked;
  for (const std::string_view condition : {"If-None-Exist", "If-Match", "If-None-Match"}) {
    if (!request.header(condition).empty())
      return {{}, {412, "not-supported", std::string(condition) + " asks about what is kept here, and nothing is", {}}};
  }
  if (equal_ignoring_case(trim(request.header("Prefer")), "respond-async")) asked.interaction->asynchronous = true;
  return asked;
}

std::optional<FhirSyntax> wanted_syntax(const http::Request& request) {
  const auto written = syntax_of(request.header("Content-Type"));
  if (const auto format = query(request.target, "_format"); !format.empty()) return syntax_of(format);
  const std::string_view accept = request.header("Accept");
  bool takes_any = trim(accept).empty();
  std::optional<FhirSyntax> first;
  for (const std::string_view one : split(accept, ',')) {
    takes_any = takes_any || any(one);
    if (!first) first = syntax_of(one);
  }
  if (takes_any) return written ? written : FhirSyntax::json;
  return first;
}

}  // namespace tombolo::fhir
