// Format: how flow knows a syntax. Five functions, peek split parse print answer; nothing else of a format is seen outside.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/tree/tree.h"

namespace tombolo {

// One reason of a negative (or warning) answer. code: HL7 table 0357 ("100" … "207").
struct Complaint {
  std::string location;   // "PID-3[1].4", "PV1", or empty
  std::string code;
  std::string severity;   // E, W, I
  std::string text;       // for people; never a value from the message
};

// A name under which people look for a message: kind is "control", "patient", "visit", "order", "accession" or a site's own.
struct BusinessKey {
  std::string kind;
  std::string value;
};

// What a light look at the bytes tells. All text is UTF-8 and owned: it crosses co_await and goes into the store.
struct Peek {
  std::string type;                    // "ADT^A01"; FHIR: "Patient"
  std::string structure;               // "ADT_A01": grammar and map are chosen by it
  std::string version;                 // "2.5.1"
  std::string sender;                  // "APP|FACILITY"
  std::string control_id;              // MSH-10
  std::string processing;              // MSH-11.1: P, T or D; empty where the format has none
  std::string accept_ack;              // MSH-15 and MSH-16: AL NE ER SU, or empty
  std::string application_ack;
  std::string duplicate_key;           // the configured fields joined; empty: never a duplicate
  std::vector<std::string> order_keys; // at least one: without a patient it is the sender
  std::vector<BusinessKey> keys;
  std::vector<Complaint> errors;       // why it cannot be accepted although it can be read: what it must have is missing
};

// Which fields peek reads for keys: paths in the format's own spelling ("PID-3[1].1"). Empty lists: the format's defaults.
struct PeekPaths {
  std::vector<std::string> order;
  std::vector<std::string> duplicate;
  std::vector<std::pair<std::string, std::string>> index;  // kind, path
};

// What names a message among all others: its sender and control id; without a control id, its bytes.
std::string message_name(const Peek& peek, std::string_view bytes);

enum class Verdict { accepted, error, rejected };  // AA/CA, AE/CE, AR/CR

struct Answer {
  Verdict verdict = Verdict::accepted;
  bool commit = false;                  // enhanced mode's accept acknowledgement: CA CE CR instead of AA AE AR
  std::vector<Complaint> complaints;
  std::string relayed = {};             // a destination's own reply to pass on, renamed to the sender's control id
};

// Settings of a source that say how bytes are read.
struct Reading {
  std::string charset;                  // override: the iconv name that beats everything; empty: none
  std::string charset_default = "UTF-8";
  bool obey_message = true;             // MSH-18 counts
  std::size_t max_segments = 100'000;
  bool keep_unknown = false;            // FHIR: elements that R4 does not have are kept, not refused
  bool skip_comments = false;           // FHIR in XML: comments are passed over, not refused
};

class Format {
 public:
  virtual ~Format() = default;

  // Is the tree that parse builds the canonical model, so that no map is needed?
  virtual bool canonical() const { return false; }

  // What these bytes are called on a wire: "application/hl7-v2".
  virtual std::string_view content_type(std::string_view bytes) const = 0;

  // The light look. A message too broken to be looked at is a Fault; `answer` works for it all the same.
  virtual Result<Peek> peek(std::string_view bytes, const PeekPaths& paths, const Reading& reading) const = 0;

  // The single messages of a batch or of several in a row: views into `bytes`; one view (all of it) for a single message.
  virtual Result<std::vector<std::string_view>> split(std::string_view bytes) const = 0;

  // Bytes → tree. Oddities that do not stop the reading are complaints with severity W or I; what must be
  // there and is not, with E.
  virtual Result<void> parse(std::string_view bytes, const Reading& reading, Tree& tree,
                             std::vector<Complaint>& complaints) const = 0;

  // Tree → bytes. A tree that parse built and nobody changed prints as the very bytes that were read.
  virtual Result<std::string> print(const Tree& tree) const = 0;

  // The bytes that tell the sender of `message` what became of it. Works for any bytes.
  virtual std::string answer(std::string_view message, const Answer& answer, Time now, std::string_view id) const = 0;

  // One answer for a batch: the answers of its messages, in their order, inside whatever envelope the format has.
  virtual std::string answer_batch(std::string_view batch, const std::vector<std::string>& answers, Time now,
                                   std::string_view id) const;
};

}  // namespace tombolo
