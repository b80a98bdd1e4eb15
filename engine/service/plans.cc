#include "engine/service/plans.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "engine/base/text.h"
#include "engine/crypto/hash.h"

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

std::string read(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

std::shared_ptr<const Plan> load(const fs::path& file, const Shelves& shelves, const Environment& environment,
                                 Diagnostics& diagnostics) {
  Diagnostics found;
  auto plan = std::make_shared<Plan>();
  plan->channel = read_channel(file.string(), read(file), environment, shelves, found);
  if (!found.failed()) plan->walk = compile_walk(plan->channel, found);
  plan->config = hex(sha256(plan->channel.text)).substr(0, 16);
  diagnostics.append(found);
  return plan;
}

}  // namespace

SiteFolder find_channels(const fs::path& folder) {
  if (fs::is_directory(folder / "channels")) return {folder / "channels", folder};
  return {folder, folder};
}

Plans load_plans(const fs::path& channels, const Shelves& shelves, const Environment& environment, Diagnostics& diagnostics) {
  Plans plans;
  const auto files = channel_files(channels);
  if (files.empty()) diagnostics.error({channels.string()}, "there is no channel file (*.yaml) in this folder");
  for (const auto& file : files) {
    auto plan = load(file, shelves, environment, diagnostics);
    const std::string name = plan->channel.name;
    if (name.empty()) continue;
    const auto [at, added] = plans.emplace(name, plan);
    if (!added) diagnostics.error({file.string()}, "the channel '" + name + "' stands in " + at->second->channel.file + " too");
  }
  return plans;
}

}  // namespace tombolo
