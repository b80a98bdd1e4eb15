// Maps: meaning. Loads the map files of the layers that a channel names, checks them, and carries them out over one message
// after another. The language stands in mappings/README.md.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/diagnostic.h"
#include "engine/base/library.h"
#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/base/zone.h"
#include "engine/crypto/uuid.h"
#include "engine/schema/codes.h"
#include "engine/schema/fhir.h"
#include "engine/schema/hl7v2.h"
#include "engine/tree/tree.h"

namespace tombolo {

namespace mapping {
struct CompiledMap;
struct RunNames;
}  // namespace mapping

// One map, ready to run. Lives as long as its Maps.
using Map = mapping::CompiledMap;

// What a run is told besides the message.
struct RunInputs {
  std::string message;                       // what names the message among all others: sender and control id
  Uuid site;                                 // the site's secret; ids of resources are made from it
  Time received{};                           // when the parcel came: %received
  std::optional<Zone> zone;                  // where neither a time nor MSH-7 says so; absent: not made up
  bool watch = false;                        // fill what RunReport has for --unmapped and coverage
};

// What a run has to say besides its result.
struct RunReport {
  struct Line {
    Kind kind = Kind::malformed;
    std::uint32_t rule = 0;                  // see Maps::rule; 0: none
    NodeId source = no_node;                 // in the source tree
    std::string path;                        // in the result, or empty
    std::string text;
    NodeId other_source = no_node;           // of two values that contradict each other: the one that gave way …
    std::uint32_t other_rule = 0;            // … and who wanted to write it
  };
  std::vector<Line> lines;
  std::uint32_t values = 0;                  // leaves written
  std::uint32_t bad_values = 0;
  std::uint32_t misses = 0;                  // codes that their table does not have
  struct Miss {                              // a code that its table does not have
    std::uint32_t rule = 0;
    NodeId source = no_node;
    const CodeTable* table = nullptr;        // see Maps::table
    bool ignored = false;                    // the rule says `on miss ignore`
  };
  std::vector<Miss> missed;                  // the first thousand

  // With `watch`. Per node of the source: some rule read it; some rule read it to decide something. Per rule: it fired, that is,
  // something it wrote stands at the end, or something in it fired (runner/deeds.h).
  std::vector<bool> read, decided, fired;
};

class Maps {
 public:
  // layers: folders (or files) of mappings/, in this order; later ones change earlier ones. All findings are added to
  // `diagnostics`; if there are errors the maps that have none are there all the same, but should not be used.
  // Library, dictionary and schema outlive the Maps. Immutable afterwards: many threads may run the same Maps.
  static std::unique_ptr<const Maps> load(const Library& library, const V2Dictionary& dictionary, const FhirSchema& schema,
                                          const std::vector<std::string>& layers, Diagnostics& diagnostics);
  ~Maps();
  Maps(const Maps&) = delete;
  Maps& operator=(const Maps&) = delete;

  const Map* find(std::string_view name) const;                  // "PID-Patient"; nullptr: there is none
  const Map* for_message(const Tree& message) const;             // by its structure: "ADT_A01" → ADT_A01-Bundle; nullptr: none
  Fault no_map(const Tree& message) const;                       // why there is none: what MSH-9 says, and what would be known
  std::vector<std::string_view> names() const;
  std::string_view name(const Map& map) const;

  // Carries out `map` over a v2 message and builds the Bundle in `out`, which must be empty. Values in `out` borrow from the
  // source tree and its arena, from out's arena and from these Maps. A Fault: a rule said `on error fail`, or the map asked too much.
  Result<void> run(const Map& map, const Tree& source, const RunInputs& inputs, Tree& out, RunReport& report) const;

  // Where a rule stands, by Lineage::rule: "shipped:mappings/…/PID-Patient.map:12:3".
  std::string rule(std::uint32_t number) const;
  Place place(std::uint32_t rule) const;
  std::uint32_t rules() const;                                   // numbers are 1 … rules(); one place may have several
  std::string_view table(const CodeTable& table) const;          // its name: "marital-status"
  std::vector<std::pair<std::string_view, const CodeTable*>> tables() const;  // those that the rules use, by name

  const FhirSchema& schema() const;
  const V2Dictionary& dictionary() const;

 private:
  Maps();
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace tombolo
