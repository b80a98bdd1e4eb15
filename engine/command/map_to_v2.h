// tombolo map with maps whose source is FHIR: a Bundle in, an HL7 v2 message out.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "engine/base/diagnostic.h"
#include "engine/base/library.h"
#include "engine/base/result.h"
#include "engine/command/map.h"
#include "engine/mapping/messages.h"
#include "engine/schema/fhir.h"
#include "engine/schema/hl7v2.h"

namespace tombolo {

class MessageDesk {
 public:
  // All outlive the desk. Throws std::invalid_argument if what --to, --version or --at say is unknown.
  MessageDesk(const MapOptions& options, const Messages& messages, const V2Dictionary& dictionary, const FhirSchema& schema);

  // The text to print, or why there is none.
  Result<std::string> map(std::string_view bytes) const;

 private:
  std::string explained(const Tree& source, const Tree& out, const RunReport& report) const;
  void leaf(const Tree& source, const Tree& out, NodeId node, std::string& text) const;
  void unread(const Tree& source, NodeId node, const RunReport& report, std::string& text) const;

  const MapOptions& options_;
  const Messages& messages_;
  const V2Dictionary& dictionary_;
  const FhirSchema& schema_;
  MessageKind kind_;
  Time received_{};
};

}  // namespace tombolo
