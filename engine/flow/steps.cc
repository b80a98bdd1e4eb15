#include "engine/flow/steps.h"

#include "engine/base/text.h"
#include "engine/formats/fhir/print.h"

namespace tombolo {

Result<const Tree*> Document::message() {
  if (!message_) {
    auto grown = std::make_shared<Grown>();
    std::vector<Complaint> oddities;
    const auto parsed = channel_->format->parse(parcel_->bytes, channel_->reading, grown->tree, oddities);
    if (!parsed) return parsed.error();
    message_ = std::move(grown);
  }
  return &message_->tree;
}

Result<void> Document::map(const Maps& maps, const Map* map, const Uuid& site) {
  const auto source = message();
  if (!source) return source.error();
  if (!map) map = maps.for_message(**source);
  if (!map) return Fault{Kind::unsupported, "MSH-9", "there is no map for a message of this structure"};
  RunInputs inputs;
  inputs.message = peek_->sender + "|" + peek_->control_id;
  inputs.site = site;
  inputs.received = parcel_->received_at;
  auto grown = std::make_shared<Grown>();
  RunReport report;
  const auto done = maps.run(*map, **source, inputs, grown->tree, report);
  if (!done) return done.error();
  bundle_ = std::move(grown);
  return {};
}

std::string Document::print(const FhirSchema& schema) const { return print_fhir(bundle_->tree, schema); }

Steps::Steps(const std::vector<Step>& steps, Document::Form before, const Channel& channel, const Definitions& definitions,
             Diagnostics& diagnostics)
    : result_(before), site_(definitions.site) {
  for (const auto& step : steps) {
    if (step.kind == Step::Kind::filter) add_filter(step, channel, definitions, diagnostics);
    else add_map(step, channel, definitions, diagnostics);
  }
}

void Steps::add_filter(const Step& step, const Channel& channel, const Definitions& definitions, Diagnostics& diagnostics) {
  const auto subject = result_ == Document::Form::bundle ? Condition::Subject::bundle : Condition::Subject::hl7v2;
  auto condition = Condition::compile(step.text, subject, step.place, channel.text, definitions.dictionary, definitions.schema, diagnostics);
  if (condition) steps_.push_back({std::move(condition), nullptr, nullptr});
}

// `hl7v2-to-fhir` is a folder of mappings/: the map is chosen by the message. `hl7v2-to-fhir/ADT_A01-Bundle` names one of it.
void Steps::add_map(const Step& step, const Channel& channel, const Definitions& definitions, Diagnostics& diagnostics) {
  if (result_ == Document::Form::bundle) {
    diagnostics.error(step.place, "a map from the canonical model back is not there yet", channel.text);
    return;
  }
  const std::string layer = step.text.substr(0, step.text.find('/'));
  if (definitions.library.list("mappings/" + layer).empty()) {
    std::vector<std::string> layers;
    for (const auto& file : definitions.library.list("mappings")) {
      const auto parts = split(file, '/');
      if (parts.size() > 2 && parts[1] != "codes" && (layers.empty() || layers.back() != parts[1])) layers.emplace_back(parts[1]);
    }
    diagnostics.error(step.place, "no folder of maps is called '" + layer + "'" + suggestion(layer, {layers.begin(), layers.end()}), channel.text);
    return;
  }
  std::shared_ptr<const Maps>& maps = definitions.loaded[layer];
  if (!maps) maps = Maps::load(definitions.library, definitions.dictionary, definitions.schema, {layer}, diagnostics);
  const Map* map = nullptr;
  if (layer != step.text) {
    const std::string name = step.text.substr(layer.size() + 1);
    map = maps->find(name);
    if (!map) diagnostics.error(step.place, layer + " has no map '" + name + "'" + suggestion(name, maps->names()), channel.text);
  }
  steps_.push_back({nullptr, maps, map});
  result_ = Document::Form::bundle;
}

Result<bool> Steps::carry(Document& document) const {
  for (const auto& step : steps_) {
    if (step.maps) {
      const auto mapped = document.map(*step.maps, step.map, site_);
      if (!mapped) return mapped.error();
      continue;
    }
    const auto message = document.message();
    if (!message) return message.error();
    const Tree& tree = document.form() == Document::Form::bundle ? document.bundle() : **message;
    Arena scratch;
    const auto wanted = step.filter->holds(tree, scratch);
    if (!wanted) return wanted.error();
    if (!*wanted) return false;
  }
  return true;
}

}  // namespace tombolo
