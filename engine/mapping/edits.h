// Edits: HL7 v2 in, a little changed, v2 out. Loads the `edit`s of the layers that a channel names, checks them, and carries
// them out over copies of messages. The language stands in mappings/README.md, "Edits".
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/diagnostic.h"
#include "engine/base/library.h"
#include "engine/base/result.h"
#include "engine/mapping/mapping.h"
#include "engine/schema/fhir.h"
#include "engine/schema/hl7v2.h"
#include "engine/tree/tree.h"

namespace tombolo {

// What an edit has to say besides the changed message.
struct EditReport {
  enum class Deed : std::uint8_t { written, added, deleted, moved, copied };
  struct Change {
    Deed deed = Deed::written;
    std::uint32_t rule = 0;                  // see Edits::rule
    std::string place;                       // "PID-3[2].4": in the message as received, or where a new part stands
    std::string before, after;               // texts as HL7 writes them, unescaped; empty: there was, is nothing. Of a
                                             // segment moved or copied: "after PV1"
  };
  std::vector<RunReport::Line> lines;        // their sources are nodes of the source tree; 0: of a part that was not received
  std::uint32_t changed = 0;                 // parts written, added, deleted, moved or copied
  std::uint32_t misses = 0;                  // codes that their table does not have
  std::vector<RunReport::Miss> missed;       // the first thousand of them
  std::vector<Change> changes;               // each of them, with RunInputs::watch
  std::vector<bool> fired;                   // per rule, with `watch`: it changed something, or something in it did
};

class Edits {
 public:
  // layers: folders (or files) of mappings/, in this order. All findings are added to `diagnostics`; with errors among them
  // the edits should not be used. Library, dictionary and schema outlive the Edits. Immutable afterwards, for many threads.
  static std::unique_ptr<const Edits> load(const Library& library, const V2Dictionary& dictionary, const FhirSchema& schema,
                                           const std::vector<std::string>& layers, Diagnostics& diagnostics);
  ~Edits();
  Edits(const Edits&) = delete;
  Edits& operator=(const Edits&) = delete;

  std::vector<std::string_view> names() const;               // of those that are `called` something
  bool empty() const;
  // Is there anything to do for a message of this structure? name: as in run.
  bool fit(const Tree& message, std::string_view name = {}) const;

  // Makes `out` a copy of `source` and changes it: by all edits that fit its structure and have no name, in the order of the
  // layers, or by those of this name. Values in `out` borrow from the source, its arena, out's arena and these Edits; changed
  // leaves have a lineage whose sources are nodes of `source`. Fault{unsupported, "MSH-9"} where no edit fits; a Fault where
  // a rule says `fail`. Of inputs `received` and `watch` count.
  Result<void> run(const Tree& source, std::string_view name, const RunInputs& inputs, Tree& out, EditReport& report) const;

  // Where a rule stands, by Lineage::rule: "mappings/to-lab.map:12:3".
  std::string rule(std::uint32_t number) const;
  Place place(std::uint32_t rule) const;
  std::uint32_t rules() const;                               // numbers are 1 … rules(); one place may have several
  std::string_view table(const CodeTable& table) const;      // its name: "assigners"

 private:
  Edits();
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace tombolo
