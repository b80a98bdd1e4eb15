// map: from the source's format into the canonical model.
#include "engine/base/text.h"
#include "engine/flow/step.h"
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

// The folders of mappings/ that hold maps.
std::vector<std::string_view> layers(const std::vector<std::string>& files) {
  std::vector<std::string_view> found;
  for (const auto& file : files) {
    const auto parts = split(file, '/');
    if (parts.size() > 2 && parts[1] != "codes" && (found.empty() || found.back() != parts[1])) found.push_back(parts[1]);
  }
  return found;
}

// The layers that the setting names: `hl7v2-to-fhir`, or a list of which later ones change earlier ones.
std::vector<const Setting*> named(const Setting& setting) {
  if (setting.shape != Setting::Shape::list) return {&setting};
  std::vector<const Setting*> found;
  for (const auto& item : setting.items) found.push_back(&item);
  return found;
}

bool known(const Setting& layer, std::string_view name, const StepSite& site) {
  const Library& library = site.definitions.library;
  if (layer.shape == Setting::Shape::scalar && !library.list("mappings/" + std::string(name)).empty()) return true;
  const auto files = library.list("mappings");
  site.diagnostics.error(layer.place, "no folder of maps is called '" + std::string(name) + "'" + suggestion(name, layers(files)), site.channel.text);
  return false;
}

// A folder of mappings/: the map is chosen by the message. `hl7v2-to-fhir/ADT_A01-Bundle` names one of it.
std::unique_ptr<const Work> make(const Setting& setting, const StepSite& site) {
  if (site.before == Document::Form::bundle) {
    site.diagnostics.error(setting.place, "a map from the canonical model back is not there yet", site.channel.text);
    return nullptr;
  }
  std::vector<std::string> names;
  std::string key;
  for (const Setting* layer : named(setting)) {
    names.push_back(layer->text.substr(0, layer->text.find('/')));
    key += names.back() + ",";
    if (!known(*layer, names.back(), site)) return nullptr;
  }
  if (names.empty()) {
    site.diagnostics.error(setting.place, "'map' names a folder of maps, or a list of them", site.channel.text);
    return nullptr;
  }
  const Definitions& definitions = site.definitions;
  std::shared_ptr<const Maps>& maps = definitions.loaded[key];
  if (!maps) maps = Maps::load(definitions.library, definitions.dictionary, definitions.schema, names, site.diagnostics);
  const Map* map = nullptr;
  const Setting& first = *named(setting).front();
  if (first.text.size() > names[0].size()) {
    const std::string name = first.text.substr(names[0].size() + 1);
    map = maps->find(name);
    if (!map) {
      site.diagnostics.error(first.place, names[0] + " has no map '" + name + "'" + suggestion(name, maps->names()), site.channel.text);
      return nullptr;
    }
  }
  return std::make_unique<MapWork>(maps, map, definitions.site);
}

}  // namespace

StepPlug map_step() { return {"map", "makes the canonical model of the message", "- map: hl7v2-to-fhir", {}, make}; }

}  // namespace tombolo
