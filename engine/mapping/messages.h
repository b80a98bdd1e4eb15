// Messages: FHIR in, HL7 v2 out. Loads the maps of the layers that a channel names whose source is FHIR and whose result is a v2
// message, checks them, and carries them out over one Bundle after another. The language stands in mappings/README.md.
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

// Which message is wanted.
struct MessageKind {
  std::string type;                          // "ADT_A04", "ADT^A04"; empty: as MessageHeader.event of the Bundle says
  std::string version = "2.5.1";             // of HL7 v2
};

class Messages {
 public:
  // layers: folders (or files) of mappings/, in this order. All findings are added to `diagnostics`; with errors among them
  // the maps should not be used. Library, dictionary and schema outlive the Messages. Immutable afterwards, for many threads.
  static std::unique_ptr<const Messages> load(const Library& library, const V2Dictionary& dictionary, const FhirSchema& schema,
                                              const std::vector<std::string>& layers, Diagnostics& diagnostics);
  ~Messages();
  Messages(const Messages&) = delete;
  Messages& operator=(const Messages&) = delete;

  bool empty() const;                                          // there is no map of a Bundle to a message
  std::vector<std::string_view> structures() const;            // that a map builds: "ADT_A01" …

  // A Fault if a version or type is unknown, or no map builds it. A kind without a type is right if its version is.
  Result<void> check(const MessageKind& kind) const;

  // Builds the message in `out`, which must be empty: MSH-1, 2, 9 and 12 as `kind` says, the rest as the maps do, cut to what the
  // version has. Values in `out` borrow from the source tree and its arena, from out's arena and from these Messages. Of inputs
  // `message` (%message), `received` and `watch` count. In the report's lines `path` is the place in the message.
  Result<void> run(const Tree& bundle, const MessageKind& kind, const RunInputs& inputs, Tree& out, RunReport& report) const;

  // Where a rule stands, by Lineage::rule: "mappings/fhir-to-hl7v2/segments/Patient-PID.map:12:3".
  std::string rule(std::uint32_t number) const;
  Place place(std::uint32_t rule) const;
  std::uint32_t rules() const;                                 // numbers are 1 … rules(); one place may have several
  std::string_view table(const CodeTable& table) const;        // its name

 private:
  Messages();
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace tombolo
