// Document: one message on its walk through the steps. At first only the bytes are there, then the tree, then the Bundle that a
// map made of it, then the HL7 v2 message that another map made of that. A copy shares what was made so far (the tree is parsed once for all destinations); what either makes later
// is its own.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/arena.h"
#include "engine/base/parcel.h"
#include "engine/flow/channel.h"
#include "engine/formats/fhir/place.h"
#include "engine/mapping/edits.h"
#include "engine/mapping/mapping.h"
#include "engine/mapping/messages.h"
#include "engine/mapping/misses.h"

namespace tombolo {

class Document {
 public:
  enum class Form {
    received,  // the bytes as they came, or as edits changed them
    bundle,    // the canonical model: what a map made, or received as FHIR
    message,   // HL7 v2 that a map made of FHIR
  };

  // All four outlive the document.
  Document(const Channel& channel, const V2Dictionary& dictionary, const Parcel& parcel, const Peek& peek);

  Form form() const {
    return built_ ? Form::message : bundle_ || channel_->format->canonical() ? Form::bundle : Form::received;
  }
  const Peek& peek() const { return *peek_; }
  Time received() const { return parcel_->received_at; }
  bool released() const { return parcel_->released; }  // it was held, and a person let it pass

  std::string_view bytes() const { return edited_ ? std::string_view(*edited_) : std::string_view(parcel_->bytes); }
  Result<const Tree*> message();                       // the source format's tree of bytes(); parsed at the first call
  const std::vector<Complaint>& oddities() const;      // what the parser found odd; after message()
  Result<const Tree*> current();                       // what the last map made, else the message

  Result<void> edit(const Edits& edits, std::string_view name);           // name: empty: by the message's structure
  Result<void> map(const Maps& maps, const Map* map, const Uuid& site);   // map: nullptr: chosen by the message's structure

  // HL7 v2 of the bundle, or of a message received in FHIR.
  Result<void> build(const Messages& messages, const MessageKind& kind);

  // The bundle gives way to what `work` makes of it; on a Fault it stays. Only with form() bundle.
  using Rework = std::function<Result<void>(const Tree& before, Tree& after)>;
  Result<void> rework(const Rework& work);

  void tag(std::string name);                          // people find the message by it: `find tag=NAME`
  const std::vector<std::string>& tags() const { return tags_; }

  const std::vector<Miss>& missed() const { return missed_; }  // codes that their tables do not have, so far

  // What a destination gets; no body: the very bytes that were received. as: how FHIR is to be written; nothing: as JSON, or as it came.
  struct Printed {
    std::optional<std::string> body;
    std::string_view content_type;
    std::string control_id;                            // MSH-10 of what is sent, if it is HL7 v2
  };
  Result<Printed> print(const FhirSchema& schema, const V2Dictionary& dictionary, std::optional<FhirSyntax> as);

 private:
  struct Grown {
    Arena arena;
    Tree tree{arena};
  };
  struct Read : Grown {
    bool parsed = false;
    std::vector<Complaint> oddities;
  };
  const Channel* channel_;
  const V2Dictionary* dictionary_;
  const Parcel* parcel_;
  const Peek* peek_;
  std::shared_ptr<const std::string> edited_;          // the bytes after the last edit that changed any; nullptr: as received
  std::shared_ptr<Read> message_;                      // shared with the copies: nothing is changed in it once it is parsed
  std::shared_ptr<Grown> bundle_;
  std::shared_ptr<Grown> built_;                       // borrows from bundle_ or message_
  std::vector<std::string> tags_;
  std::vector<Miss> missed_;
};

}  // namespace tombolo
