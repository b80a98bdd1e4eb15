// map: from the source's format into the canonical model, or from FHIR to HL7 v2.
#include "engine/base/text.h"
#include "engine/flow/step.h"
#include "engine/flow/steps/layers.h"
#include "engine/flow/walk.h"

namespace tombolo {
namespace {

class MapWork final : public Work {
 public:
  MapWork(std::shared_ptr<const Maps> maps, const Map* map, const Uuid& site) : maps_(std::move(maps)), map_(map), site_(site) {}

  Result<Passage> operator()(Document& document) const override {
    const auto mapped = document.map(*maps_, map_, site_);
    if (!mapped) return mapped.error();
    return Passage{};
  }
  Document::Form leaves(Document::Form) const override { return Document::Form::bundle; }

 private:
  std::shared_ptr<const Maps> maps_;
  const Map* map_;                           // nullptr: by the message's structure
  Uuid site_;
};

class BuildWork final : public Work {
 public:
  BuildWork(std::shared_ptr<const Messages> messages, MessageKind kind) : messages_(std::move(messages)), kind_(std::move(kind)) {}

  Result<Passage> operator()(Document& document) const override {
    const auto built = document.build(*messages_, kind_);
    if (!built) return built.error();
    return Passage{};
  }
  Document::Form leaves(Document::Form) const override { return Document::Form::message; }

 private:
  std::shared_ptr<const Messages> messages_;
  MessageKind kind_;
};

// `fhir-to-hl7v2`, `fhir-to-hl7v2/ADT_A04`, `fhir-to-hl7v2/ADT_A04-2.3.1`, `fhir-to-hl7v2/2.3.1`.
MessageKind kind_of(const std::string& part) {
  MessageKind kind;
  const auto dash = part.rfind('-');
  const auto last = dash == part.npos ? part : part.substr(dash + 1);
  const bool version = !last.empty() && last.front() >= '0' && last.front() <= '9';
  if (version) kind.version = last;
  kind.type = !version ? part : dash == part.npos ? "" : part.substr(0, dash);
  return kind;
}

std::unique_ptr<const Work> make_message(const NamedLayers& layers, const StepSite& site) {
  const Definitions& definitions = site.definitions;
  std::shared_ptr<const Messages>& messages = definitions.loaded.messages[layers.key()];
  if (!messages) messages = Messages::load(definitions.library, definitions.dictionary, definitions.schema, layers.names, site.diagnostics);
  const auto wrong = [&](std::string text) {
    site.diagnostics.error(layers.place, std::move(text), site.channel.text);
    return nullptr;
  };
  if (messages->empty()) return wrong(layers.names.back() + " has no map from FHIR to HL7 v2, and here stands " +
                                      (site.before == Document::Form::bundle ? "the canonical model" : "FHIR"));
  const auto kind = kind_of(layers.part);
  if (const auto known = messages->check(kind); !known) return wrong(text(known.error()));
  return std::make_unique<BuildWork>(messages, kind);
}

// A folder of mappings/: the map is chosen by the message. `hl7v2-to-fhir/ADT_A01-Bundle` names one of it.
std::unique_ptr<const Work> make(const Setting& setting, const StepSite& site) {
  if (site.before == Document::Form::message) {
    site.diagnostics.error(setting.place, "HL7 v2 stands here already: a map made it", site.channel.text);
    return nullptr;
  }
  const auto layers = named_layers(setting, site);
  if (!layers) return nullptr;
  if (site.before == Document::Form::bundle || site.channel.format_name == "fhir") return make_message(*layers, site);
  const Definitions& definitions = site.definitions;
  std::shared_ptr<const Maps>& maps = definitions.loaded.maps[layers->key()];
  if (!maps) maps = Maps::load(definitions.library, definitions.dictionary, definitions.schema, layers->names, site.diagnostics);
  const Map* map = nullptr;
  if (!layers->part.empty()) {
    map = maps->find(layers->part);
    if (!map) {
      site.diagnostics.error(layers->place, layers->names[0] + " has no map '" + layers->part + "'" + suggestion(layers->part, maps->names()),
                             site.channel.text);
      return nullptr;
    }
  }
  return std::make_unique<MapWork>(maps, map, definitions.site);
}

}  // namespace

StepPlug map_step() { return {"map", "makes the canonical model of the message, or HL7 v2 of FHIR", "- map: hl7v2-to-fhir", {}, make}; }

}  // namespace tombolo
