#include "engine/service/plans.h"

#include <algorithm>
#include <system_error>

#include "engine/base/files.h"
#include "engine/base/text.h"
#include "engine/crypto/hash.h"
#include "engine/service/crossings.h"

namespace tombolo {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> channel_files(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code wrong;
  for (const auto& entry : fs::directory_iterator(folder, wrong)) {
    const auto extension = entry.path().extension();
    if (entry.is_regular_file() && (extension == ".yaml" || extension == ".yml")) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// The maps, tables and policies of the site that a channel could have been compiled from: a line each, its name and its hash.
std::string site_files(const Library& library) {
  std::string lines;
  if (library.site().empty()) return lines;
  for (const auto* folder : site_parts) {
    for (const auto& name : library.list(folder)) {
      const auto file = library.find(name);
      if (file && !unfinished(name) && !file->place.starts_with("shipped:")) lines += "# " + name + " " + hex(sha256(file->text)) + "\n";
    }
  }
  return lines;
}

std::shared_ptr<Plan> load(const fs::path& file, const Shelves& shelves, const Environment& environment, const fs::path& site,
                           std::shared_ptr<const Library> library, const std::string& files, const Definitions& definitions,
                           Diagnostics& diagnostics) {
  Diagnostics found;
  auto plan = std::make_shared<Plan>();
  plan->library = std::move(library);
  plan->channel = read_channel(file.string(), read_file(file), environment, shelves, found, site);
  if (!found.failed()) plan->walk = compile_walk(plan->channel, definitions, found);
  diagnostics.append(found);
  plan->config_text = plan->channel.text;
  if (!files.empty()) plan->config_text += "\n# with these files of the site:\n" + files;
  plan->config = hex(sha256(plan->config_text)).substr(0, 16);
  return plan;
}

}  // namespace

Groundwork::Groundwork(SiteFolder folders, const std::string& shipped_folder)
    : site(std::move(folders)), shipped(shipped_folder), library(site.site, shipped), dictionary(library), schema(library) {}

bool unfinished(const fs::path& file) { return file.filename().string().starts_with('.'); }

SiteFolder find_channels(const fs::path& folder, const fs::path& site) {
  const fs::path channels = fs::is_directory(folder / "channels") ? folder / "channels" : folder;
  return {channels, site.empty() ? folder : site};
}

Plans load_plans(const Groundwork& ground, const Shelves& shelves, const Environment& environment, Diagnostics& diagnostics) {
  Plans plans;
  const auto library = std::make_shared<const Library>(ground.site.site, ground.shipped);
  Loaded loaded;
  const Definitions definitions{*library, ground.dictionary, ground.schema, ground.site_id, loaded, environment};
  const auto files = channel_files(ground.site.channels);
  if (files.empty()) diagnostics.error({ground.site.channels.string()}, "there is no channel file (*.yaml) in this folder");
  const std::string with = site_files(*library);
  for (const auto& file : files) {
    try {
      const auto plan = load(file, shelves, environment, ground.site.site, library, with, definitions, diagnostics);
      const std::string& name = plan->channel.name;
      if (name.empty()) continue;
      const auto [at, added] = plans.emplace(name, plan);
      if (!added) diagnostics.error({file.string()}, "the channel '" + name + "' stands in " + at->second->channel.file + " too");
    } catch (const std::system_error& unreadable) {  // it, or a map or table it names: what runs goes on as it is
      diagnostics.error({file.string()}, unreadable.what());
    }
  }
  check_crossings(plans, diagnostics);
  return plans;
}

}  // namespace tombolo
