// Walk: the pure middle. One parcel in, one posting out: parse, filter, map, route, print. No wire, no clock, no disk; the same
// parcel gives the same posting, so a crash is repaired by walking again. One Walk may be used by many threads.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/diagnostic.h"
#include "engine/base/parcel.h"
#include "engine/flow/channel.h"
#include "engine/mapping/edits.h"
#include "engine/mapping/mapping.h"
#include "engine/mapping/messages.h"
#include "engine/mapping/misses.h"
#include "engine/store/store.h"

namespace tombolo {

// Maps (in both directions) and edits by the layers they come from: each is loaded once for all channels.
struct Loaded {
  std::map<std::string, std::shared_ptr<const Maps>> maps;
  std::map<std::string, std::shared_ptr<const Edits>> edits;
  std::map<std::string, std::shared_ptr<const Messages>> messages;
};

// What steps are compiled against. Outlives the plans; `library` is read while loading only.
struct Definitions {
  const Library& library;
  const V2Dictionary& dictionary;
  const FhirSchema& schema;
  Uuid site{};             // the site's secret: ids of resources are made from it
  Loaded& loaded;
  Environment environment = process_environment();  // where secrets are looked for, besides the site's secrets/
};

struct Walked {
  store::Posting posting;
  Answer answer;           // for `after: mapped`
  bool silent = false;     // filtered, and the channel says that filtered messages get no answer
  std::string sender;      // "APP|FACILITY"
  std::vector<Miss> misses;  // codes that no table has, of all its maps and edits
};

class Walk {
 public:
  virtual ~Walk() = default;

  // True: nothing is parsed and every destination gets the bytes as received; cheap enough for the I/O thread.
  virtual bool light() const = 0;

  // peek: what its receiver saw of it; nullptr: it is looked at here.
  virtual Walked operator()(const Parcel& parcel, const std::vector<std::string>& order_keys, const Peek* peek) const = 0;
};

// The walk of a channel's steps. Faults in them are diagnostics. The channel outlives the walk.
std::unique_ptr<const Walk> compile_walk(const Channel& channel, const Definitions& definitions, Diagnostics& diagnostics);

// A channel that may run: checked, compiled, with the hash that outcomes name it by.
struct Plan {
  std::shared_ptr<const Library> library;   // what the walk was compiled from
  Channel channel;
  std::unique_ptr<const Walk> walk;
  std::string config;
  std::string config_text;                  // what `config` is the hash of: the channel file, and each file of the site with its hash
};

}  // namespace tombolo
