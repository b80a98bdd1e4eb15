// Subjects of NATS: checked, and made from a template: "hl7.{channel}.{type}". What comes from a message becomes one token:
// letters, digits, '-' and '_', anything else is '_', so that it can neither add a token nor be a wildcard.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/connectors/connector.h"

namespace tombolo::nats {

bool good_name(std::string_view name);                       // of a stream or consumer
bool good_subject(std::string_view subject, bool wildcards); // tokens between dots, none of them empty

class Subject {
 public:
  static Result<Subject> parse(std::string_view text);  // {channel} {type} {control_id}
  std::string of(const Envelope& envelope) const;

 private:
  std::string text_;
};

}  // namespace tombolo::nats
