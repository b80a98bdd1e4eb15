// map: from the source's format into the canonical model.
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

// A folder of mappings/: the map is chosen by the message. `hl7v2-to-fhir/ADT_A01-Bundle` names one of it.
std::unique_ptr<const Work> make(const Setting& setting, const StepSite& site) {
  if (site.before == Document::Form::bundle) {
    site.diagnostics.error(setting.place, "a map from the canonical model back is not there yet", site.channel.text);
    return nullptr;
  }
  const auto layers = named_layers(setting, site);
  if (!layers) return nullptr;
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

StepPlug map_step() { return {"map", "makes the canonical model of the message", "- map: hl7v2-to-fhir", {}, make}; }

}  // namespace tombolo
