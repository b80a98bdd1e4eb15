#include "engine/mapping/to_v2/types.h"

#include <algorithm>
#include <string>

#include "engine/base/text.h"
#include "engine/mapping/functions/functions.h"

namespace tombolo::mapping::to_v2 {

namespace {

Shape check_extension(fhirpath::Checking& checking) {
  const auto* const types = dynamic_cast<const SourceTypes*>(&checking.types());
  const auto name = checking.constant(0);
  if (types == nullptr || !name) {
    checking.error(0, "extension() takes the name of an extension in quotes");
    return {};
  }
  const auto url = types->extension_url(*name);
  if (url.empty()) checking.error(0, "extensions.csv has no extension '" + std::string(*name) + "'" + suggestion(*name, types->world().extensions.names()));
  checking.keep(std::make_shared<std::string>(url));
  const auto type = types->find("FHIR", "Extension");
  return Shape{type ? std::vector{*type} : std::vector<TypeId>(), true, true};
}

bool extension(fhirpath::Call& call, fhirpath::Items& out) {
  const auto& url = *static_cast<const std::string*>(call.kept());
  for (const auto& item : call.input()) {
    const auto* const ref = item.node();
    if (ref == nullptr) continue;
    const Tree& tree = *ref->tree;
    for (const NodeId child : children(tree, ref->node)) {
      const NodeId named = tree[child].name() == "extension" ? tree.child(child, "url") : no_node;
      if (named != no_node && tree[named].value() == url) out.add(tree, child);
    }
  }
  return true;
}

// code.sourceOf('oid-uri'): the code of HL7 v2 that this table gives the code for; nothing where it has none.
Shape check_source_of(fhirpath::Checking& checking) {
  const auto* const types = dynamic_cast<const SourceTypes*>(&checking.types());
  const auto name = checking.constant(0);
  Diagnostics found;  // what is wrong in the table is said where a rule names it, or by its own tests
  const auto* const table = types == nullptr || !name ? nullptr : types->world().table(*name, found, true);
  if (table == nullptr) checking.error(0, "sourceOf() takes the name of a code table in quotes" + (types == nullptr || !name ? "" : suggestion(*name, types->world().table_names())));
  checking.keep(std::make_shared<const CodeTable*>(table));
  return {{fhirpath::type_of(fhirpath::System::string)}, checking.input().many, true};
}

bool source_of(fhirpath::Call& call, fhirpath::Items& out) {
  const auto* const table = *static_cast<const CodeTable* const*>(call.kept());
  for (const auto& item : call.input()) {
    const auto code = fhirpath::text(item, call.arena());
    const auto row = code ? table->find_back("", *code) : 0;
    if (row != 0) out.add(call.text_item(table->row(row).source, {&call.input()}));
  }
  return true;
}

}  // namespace

std::span<const fhirpath::Function> functions() {
  static const std::vector<fhirpath::Function> all{
      words, lines, later, earliest, deleted,
      fhirpath::Function{.name = "extension", .least = 1, .most = 1, .kinds = "v", .check = check_extension, .work = extension},
      fhirpath::Function{.name = "sourceOf", .least = 1, .most = 1, .kinds = "v", .check = check_source_of, .work = source_of}};
  return all;
}

std::string_view SourceTypes::extension_url(std::string_view name) const {
  const auto& extensions = world_.extensions;
  if (const auto* const row = extensions.find(name)) return row->url;
  for (const auto known : extensions.names())
    if (known.ends_with(name) && known.size() > name.size() && known[known.size() - name.size() - 1] == '.') return extensions.find(known)->url;
  return name.find("://") != std::string_view::npos || name.starts_with("urn:") ? name : std::string_view();
}

const Variable* SourceScope::find(std::string_view name) const {
  const auto at = std::find_if(known.rbegin(), known.rend(), [&](const Variable& v) { return v.name == name; });
  if (at != known.rend()) return &*at;
  const auto file = std::find_if(of_files.begin(), of_files.end(), [&](const Variable& v) { return v.name == name; });
  return file == of_files.end() ? nullptr : &*file;
}

Result<fhirpath::AddressSlot> SourceScope::address(const fhirpath::Address& address) const {
  return Fault{Kind::unsupported, "", fhirpath::text(address) + " is an HL7 address: the source is FHIR, and what a map builds cannot be read"};
}

std::uint32_t SourceScope::slot(Seen seen) const {
  const auto at = std::find(map_.slots.begin(), map_.slots.end(), seen);
  if (at != map_.slots.end()) return static_cast<std::uint32_t>(at - map_.slots.begin());
  map_.slots.push_back(seen);
  return static_cast<std::uint32_t>(map_.slots.size() - 1);
}

std::optional<fhirpath::Slot> SourceScope::variable(std::string_view name) const {
  using fhirpath::System;
  using K = Seen::Kind;
  if (const auto* const v = find(name)) {
    if (v->table) return std::nullopt;
    return fhirpath::Slot{slot({K::local, v->number}), v->shape};
  }
  if (name == "context") return fhirpath::Slot{slot({K::input, 0}), Shape{{map_.input}, false, false}};
  if (name == "$index") return fhirpath::Slot{slot({K::index, 0}), fhirpath::one(System::integer)};
  if (name == "position") return fhirpath::Slot{slot({K::position, 0}), fhirpath::one(System::integer)};
  if (name == "received") return fhirpath::Slot{slot({K::received, 0}), fhirpath::one(System::date_time)};
  if (name == "version") return fhirpath::Slot{slot({K::version, 0}), fhirpath::one(System::string)};
  if (name == "event") return fhirpath::Slot{slot({K::event, 0}), fhirpath::one(System::string)};
  if (name == "message") return fhirpath::Slot{slot({K::message, 0}), fhirpath::one(System::string)};
  return std::nullopt;
}

std::vector<std::string_view> SourceScope::variables() const {
  std::vector<std::string_view> names{"context", "position", "received", "version", "event", "message"};
  for (const auto& v : known) names.push_back(v.name);
  return names;
}

}  // namespace tombolo::mapping::to_v2
