// Sample messages of invented people for the document of a channel.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/flow/channel.h"
#include "engine/schema/hl7v2.h"

namespace tombolo {

struct Sample {
  std::string title;     // "An ADT_A01"
  std::string message;
};

// A message of this structure with what its grammar requires, and a patient.
std::string sample_message(const V2Structure& structure, int version);

// structures: those that the channel maps, by name; empty: any. At most three sound messages, then two that are refused.
// version: an index of the dictionary's versions, whose grammar they follow.
std::vector<Sample> samples_for(const Channel& channel, const std::map<std::string_view, const V2Structure*>& structures, int version);

}  // namespace tombolo
