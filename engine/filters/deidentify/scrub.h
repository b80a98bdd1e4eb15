// Scrubber: takes out of free text what names the people of this message, and what looks like a number, a date, an address of
// any. What it does not know it does not find: text that was scrubbed is less dangerous, not anonymous.
#pragma once

#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "engine/schema/fhir.h"
#include "engine/tree/tree.h"

namespace tombolo::deidentify {

class Scrubber {
 public:
  // Learns names, addresses, telephone numbers, identifiers and birth dates of everybody in the message.
  Scrubber(const Tree& tree, const FhirSchema& schema);

  // `text` with "[…]" for each find: known words in any case, alone, with 's, or joined by hyphens; then URLs, mail, telephone,
  // social security and other long numbers, dates.
  std::string operator()(std::string_view text) const;

 private:
  void learn(const Tree& tree, const FhirSchema& schema, NodeId node, bool personal);
  void learn(std::string_view value);
  std::string without_phrases(std::string_view text) const;
  std::string without_words(std::string_view text) const;

  std::unordered_set<std::string> words_;    // one word each, lower case
  std::vector<std::string> phrases_;         // several words, or letters without blanks between them; the longest first
};

}  // namespace tombolo::deidentify
