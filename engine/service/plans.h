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
#include "engine/schema/fhir.h"
#include "engine/schema/hl7v2.h"

namespace tombolo {

// Where a set of channel files lies. DIR with a folder `channels` in it is a site; else DIR holds the files itself.
struct SiteFolder {
  std::filesystem::path channels;   // *.yaml and *.yml, each one channel
  std::filesystem::path site;       // where names of maps and tables are looked for first
};
// site: what --site says; empty: as above.
SiteFolder find_channels(const std::filesystem::path& folder, const std::filesystem::path& site = {});

// The folders of a site that plans are made from: watched, and part of their hash.
inline constexpr const char* site_parts[] = {"mappings", "tables", "policies"};

// Names that begin with a dot are of files still being written: they count for nothing until they are renamed.
bool unfinished(const std::filesystem::path& file);

using Plans = std::map<std::string, std::shared_ptr<const Plan>>;   // by channel name

// What a process loads once and every load of plans uses. Outlives the plans.
struct Groundwork {
  explicit Groundwork(SiteFolder folders, const std::string& shipped);

  SiteFolder site;
  std::string shipped;          // a folder that stands in for what is packed into the binary; empty: none
  Library library;
  V2Dictionary dictionary;
  FhirSchema schema;
  Uuid site_id{};               // ids of resources are made from it: a secret of the site
};

// All channels of the folder, from the files as they are now. What is wrong, in any of them, is in `diagnostics`; the plans
// are of use only if nothing is.
Plans load_plans(const Groundwork& ground, const Shelves& shelves, const Environment& environment, Diagnostics& diagnostics);

}  // namespace tombolo
