#include "engine/flow/steps/layers.h"

#include "engine/base/text.h"
#include "engine/flow/walk.h"

namespace tombolo {
namespace {

// The folders of mappings/ that hold maps, and the map files beside them.
std::vector<std::string_view> layers(const std::vector<std::string>& files) {
  std::vector<std::string_view> found;
  for (const auto& file : files) {
    const auto parts = split(file, '/');
    if (!file.ends_with(".map") || parts.size() < 2) continue;
    const auto name = parts.size() > 2 ? parts[1] : parts[1].substr(0, parts[1].size() - 4);
    if (found.empty() || found.back() != name) found.push_back(name);
  }
  return found;
}

bool known(const Setting& layer, const std::string& name, const StepSite& site) {
  const Library& library = site.definitions.library;
  const bool there = !library.list("mappings/" + name).empty() || library.find("mappings/" + name + ".map");
  if (layer.shape == Setting::Shape::scalar && there) return true;
  const auto files = library.list("mappings");
  site.diagnostics.error(layer.place, "no folder of maps is called '" + name + "'" + suggestion(name, layers(files)), site.channel.text);
  return false;
}

}  // namespace

std::string NamedLayers::key() const {
  std::string key;
  for (const auto& name : names) key += name + ",";
  return key;
}

std::optional<NamedLayers> named_layers(const Setting& setting, const StepSite& site) {
  NamedLayers found;
  std::vector<const Setting*> listed{&setting};
  if (setting.shape == Setting::Shape::list) {
    listed.clear();
    for (const auto& item : setting.items) listed.push_back(&item);
  }
  for (const Setting* layer : listed) {
    found.names.push_back(layer->text.substr(0, layer->text.find('/')));
    if (!known(*layer, found.names.back(), site)) return std::nullopt;
  }
  if (found.names.empty()) {
    site.diagnostics.error(setting.place, "expected the name of a folder of maps, or a list of them", site.channel.text);
    return std::nullopt;
  }
  const auto& first = listed.front()->text;
  if (first.size() > found.names[0].size()) found.part = first.substr(found.names[0].size() + 1);
  found.place = listed.front()->place;
  return found;
}

}  // namespace tombolo
