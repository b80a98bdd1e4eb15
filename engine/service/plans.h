// Plans: the channel files of a folder, read, checked and compiled. The same for `run`, `check` and a reload.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/diagnostic.h"
#include "engine/base/library.h"
#include "engine/flow/walk.h"

namespace tombolo {

// Where a set of channel files lies. DIR with a folder `channels` in it is a site; else DIR holds the files itself.
struct SiteFolder {
  std::filesystem::path channels;   // *.yaml and *.yml, each one channel
  std::filesystem::path site;       // where names of maps and tables are looked for first
};
SiteFolder find_channels(const std::filesystem::path& folder);

using Plans = std::map<std::string, std::shared_ptr<const Plan>>;   // by channel name

// All channels of the folder. What is wrong, in any of them, is in `diagnostics`; the plans are of use only if nothing is.
Plans load_plans(const std::filesystem::path& channels, const Shelves& shelves, const Environment& environment,
                 Diagnostics& diagnostics);

}  // namespace tombolo
