// The values that a delivery binds to its statement: of the envelope, or of an HL7 v2 message.
//   {id} of the delivery   {message} its bytes   {control_id} MSH-10   {type} ADT^A01   {channel}   {now} 2026-11-24T09:30:00.000Z
//   PID-3[1].1             what stands there, as UTF-8 text; the first where it repeats. Nothing there, or "": NULL
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/connectors/connector.h"
#include "engine/connectors/sql/session.h"
#include "engine/formats/hl7v2/address.h"

namespace tombolo::sql {

// What a delivery's values are made of, owned: it crosses to another thread.
struct Subject {
  explicit Subject(const Envelope& envelope);
  std::string id, bytes, content_type, control_id, channel, type;
  Time now;
};

class Parameters {
 public:
  // Fault: `what` says what is wrong with one of them.
  Result<void> add(std::string_view text);
  std::size_t size() const { return list_.size(); }

  // A Fault: the message cannot be read, or is no HL7 v2 and an address is asked of it.
  Result<Values> of(const Subject& subject) const;

 private:
  struct Parameter {
    std::string name;                        // of the envelope, without braces
    std::optional<hl7v2::Address> address;   // or where it stands in the message
  };
  std::vector<Parameter> list_;
  bool addresses_ = false;
};

}  // namespace tombolo::sql
