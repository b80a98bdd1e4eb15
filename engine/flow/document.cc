#include "engine/flow/document.h"

#include "engine/formats/fhir/parse.h"
#include "engine/formats/fhir/print.h"
#include "engine/formats/hl7v2/address.h"
#include "engine/formats/hl7v2/print.h"

namespace tombolo {
namespace {

constexpr std::string_view v2_type = "application/hl7-v2";

Result<Document::Printed> written(const Tree& tree, const FhirSchema& schema, FhirSyntax as) {
  if (as == FhirSyntax::json) return Document::Printed{print_fhir(tree, schema), "application/fhir+json", ""};
  auto xml = print_fhir_xml(tree, schema);
  if (!xml) return xml.error();
  return Document::Printed{std::move(*xml), "application/fhir+xml", ""};
}

}  // namespace

Document::Document(const Channel& channel, const V2Dictionary& dictionary, const Parcel& parcel, const Peek& peek)
    : channel_(&channel), dictionary_(&dictionary), parcel_(&parcel), peek_(&peek), message_(std::make_shared<Read>()) {}

Result<const Tree*> Document::message() {
  if (!message_->parsed) {
    message_->tree.clear();
    message_->oddities.clear();
    const auto parsed = channel_->format->parse(bytes(), channel_->reading, message_->tree, message_->oddities);
    if (!parsed) return parsed.error();
    message_->parsed = true;
  }
  return &message_->tree;
}

const std::vector<Complaint>& Document::oddities() const { return message_->oddities; }

Result<const Tree*> Document::current() {
  if (built_) return &built_->tree;
  if (bundle_) return &bundle_->tree;
  return message();
}

// What comes after is parsed anew: a changed MSH-9 or a new segment may mean other groups.
Result<void> Document::edit(const Edits& edits, std::string_view name) {
  const auto source = message();
  if (!source) return source.error();
  RunInputs inputs;
  inputs.received = parcel_->received_at;
  Grown grown;
  EditReport report;
  const auto done = edits.run(**source, name, inputs, grown.tree, report);
  const auto table = [&](const CodeTable& t) { return edits.table(t); };
  for (auto& miss : misses_of(report.missed, table, **source, *dictionary_)) missed_.push_back(std::move(miss));
  if (!done || report.changed == 0) return done;
  auto printed = channel_->format->print(grown.tree);
  if (!printed) return printed.error();
  edited_ = std::make_shared<const std::string>(std::move(*printed));
  message_ = std::make_shared<Read>();
  return {};
}

Result<void> Document::map(const Maps& maps, const Map* map, const Uuid& site) {
  const auto source = message();
  if (!source) return source.error();
  if (!map) map = maps.for_message(**source);
  if (!map) return maps.no_map(**source);
  RunInputs inputs;
  inputs.message = message_name(*peek_, parcel_->bytes);
  inputs.site = site;
  inputs.received = parcel_->received_at;
  inputs.zone = channel_->zone;
  auto grown = std::make_shared<Grown>();
  RunReport report;
  const auto done = maps.run(*map, **source, inputs, grown->tree, report);
  const auto table = [&](const CodeTable& t) { return maps.table(t); };
  for (auto& miss : misses_of(report.missed, table, **source, *dictionary_)) missed_.push_back(std::move(miss));
  if (!done) return done.error();
  bundle_ = std::move(grown);
  return {};
}

// What it borrows from stays: neither the bundle nor the message is made anew after this.
Result<void> Document::build(const Messages& messages, const MessageKind& kind) {
  const auto source = current();
  if (!source) return source.error();
  RunInputs inputs;
  inputs.message = peek_->control_id;
  inputs.received = parcel_->received_at;
  auto grown = std::make_shared<Grown>();
  RunReport report;
  const auto done = messages.run(**source, kind, inputs, grown->tree, report);
  if (done) built_ = std::move(grown);
  return done;
}

Result<void> Document::rework(const Rework& work) {
  const auto before = current();
  if (!before) return before.error();
  auto grown = std::make_shared<Grown>();
  const auto done = work(**before, grown->tree);
  if (done) bundle_ = std::move(grown);
  return done;
}

void Document::tag(std::string name) { tags_.push_back(std::move(name)); }

Result<Document::Printed> Document::print(const FhirSchema& schema, const V2Dictionary& dictionary, std::optional<FhirSyntax> as) {
  if (built_) {
    auto printed = hl7v2::print(built_->tree, dictionary);
    if (!printed) return printed.error();
    const auto ids = hl7v2::find(built_->tree, {{}, {"MSH", 0}, 10, 0, 0, 0});
    return Printed{std::move(*printed), v2_type, ids.empty() ? std::string() : std::string(built_->tree[ids.front()].value())};
  }
  if (bundle_) return written(bundle_->tree, schema, as.value_or(FhirSyntax::json));
  const std::string_view type = channel_->format->content_type(bytes());
  if (channel_->format->canonical()) {
    if (!as || as == fhir_syntax(bytes())) return Printed{std::nullopt, type, ""};
    const auto tree = message();
    if (!tree) return tree.error();
    return written(**tree, schema, *as);
  }
  if (!edited_) return Printed{std::nullopt, type, peek_->control_id};
  const auto now = channel_->format->peek(*edited_, channel_->paths, channel_->reading);
  if (!now) return now.error();
  return Printed{*edited_, type, now->control_id};
}

}  // namespace tombolo
