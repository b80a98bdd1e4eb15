// Pickup: a source that takes the files of a folder, each once it stands still, one after the other; see README.md.
// The folder may be on this machine or on a server.
//
//   look → the still ones, in order → read → receive (durable) → moved, deleted or remembered
//                                                    refused → set aside, with its reasons beside it
//
// A crash between any two of these takes the file again: Parcel::repeat is then the same.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/connectors/connector.h"
#include "engine/connectors/file/folder.h"

namespace tombolo {

struct PickupOptions {
  enum class After { move, remove, keep };

  std::vector<std::string> patterns{"*"};
  bool by_time = false;                         // else by name
  Duration stable = std::chrono::seconds(2);
  Duration every = std::chrono::seconds(5);
  After after = After::move;
  std::string done = "done", failed = "failed"; // the folder's own paths
  std::string memory;                           // a file of this machine; for After::keep
  std::size_t max_message = 64u << 20;
};

// The members of a source's block that say what is taken, when, and what becomes of it. Faults are in the diagnostics.
PickupOptions read_pickup(Reader& reader);
std::vector<SettingSpec> pickup_settings();     // of the members that read_pickup() reads

// Would a file of this name be taken? Never what begins with a dot or ends in .tmp, .part, .partial, .filepart, .crdownload.
bool is_wanted(const PickupOptions& options, std::string_view name);

// place: the folder as a person names it: "/srv/in".
std::unique_ptr<Source> make_pickup(PickupOptions options, std::unique_ptr<Folder> folder, std::string place,
                                    std::string channel, Edges edges);

}  // namespace tombolo
