#include "engine/flow/document.h"

#include "engine/formats/fhir/print.h"
#include "engine/formats/hl7v2/address.h"
#include "engine/formats/hl7v2/print.h"

namespace tombolo {
namespace {

constexpr std::string_view v2_type = "application/hl7-v2";
constexpr std::string_view fhir_type = "application/fhir+json";

}  // namespace

Document::Document(const Channel& channel, const Parcel& parcel, const Peek& peek)
    : channel_(&channel), parcel_(&parcel), peek_(&peek), message_(std::make_shared<Read>()) {}

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
  if (!map) return Fault{Kind::unsupported, "MSH-9", "there is no map for a message of this structure"};
  RunInputs inputs;
  inputs.message = message_name(*peek_, parcel_->bytes);
  inputs.site = site;
  inputs.received = parcel_->received_at;
  inputs.zone = channel_->zone;
  auto grown = std::make_shared<Grown>();
  RunReport report;
  const auto done = maps.run(*map, **source, inputs, grown->tree, report);
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
  auto grown = std::make_shared<Grown>();
  const auto done = work(bundle_->tree, grown->tree);
  if (done) bundle_ = std::move(grown);
  return done;
}

void Document::tag(std::string name) { tags_.push_back(std::move(name)); }

Result<Document::Printed> Document::print(const FhirSchema& schema, const V2Dictionary& dictionary) const {
  if (built_) {
    auto printed = hl7v2::print(built_->tree, dictionary);
    if (!printed) return printed.error();
    const auto ids = hl7v2::find(built_->tree, {{}, {"MSH", 0}, 10, 0, 0, 0});
    return Printed{std::move(*printed), v2_type, ids.empty() ? std::string() : std::string(built_->tree[ids.front()].value())};
  }
  if (bundle_) return Printed{print_fhir(bundle_->tree, schema), fhir_type, ""};
  if (!edited_) return Printed{std::nullopt, v2_type, peek_->control_id};
  const auto now = channel_->format->peek(*edited_, channel_->paths, channel_->reading);
  if (!now) return now.error();
  return Printed{*edited_, v2_type, now->control_id};
}

}  // namespace tombolo
