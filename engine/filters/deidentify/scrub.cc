#include "engine/filters/deidentify/scrub.h"

#include <algorithm>
#include <array>

#include "engine/base/letters.h"
#include "engine/base/regex.h"
#include "engine/base/text.h"

namespace tombolo::deidentify {
namespace {

constexpr std::string_view gone = "[…]";

// In their order: what a later one would find in a part of an earlier one's find comes later.
const std::vector<Regex>& patterns() {
  static const std::vector<Regex> compiled = [] {
    std::vector<Regex> all;
    for (const auto* const pattern : {
             R"((?i)\b(?:https?|ftp|tel|mailto)://?[^\s<>"]+|\bwww\.[^\s<>"]+)",
             R"((?i)[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+)",
             R"(\b[0-9]{17}[0-9Xx]\b)",
             R"(\b[0-9]{3}-[0-9]{2}-[0-9]{4}\b)",
             R"(\b(?:1[89]|20)[0-9]{2}[-/.]?(?:0[1-9]|1[0-2])[-/.]?(?:0[1-9]|[12][0-9]|3[01])(?:[T ]?[0-9]{2}:?[0-9]{2}(?::?[0-9]{2})?)?)",
             R"(\b[0-9]{1,2}[-/.][0-9]{1,2}[-/.](?:[0-9]{4}|[0-9]{2})\b)",
             R"((?i)\b(?:[0-9]{1,2}(?:st|nd|rd|th)?[ -])?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?[ -][0-9]{1,2}(?:st|nd|rd|th)?(?:,? [0-9]{4})?\b)",
             R"((?i)\b[0-9]{1,2}(?:st|nd|rd|th)?[ -](?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?(?:,?[ -][0-9]{2,4})?\b)",
             R"(\+[0-9]{1,3}(?:[ .-]?[0-9]{2,4}){3,6}\b)",
             R"((?:\+[0-9]{1,3}[ .-]?)?(?:\([0-9]{2,4}\)[ .-]?)?[0-9]{2,4}[ .-][0-9]{3,4}(?:[ .-][0-9]{2,4})*\b)",
             R"(\b[0-9]{6,}\b)",
         }) {
      all.push_back(Regex::compile(pattern).value());
    }
    return all;
  }();
  return compiled;
}

bool word_byte(char c) { return is_letter_or_digit(c) || static_cast<unsigned char>(c) >= 0x80; }

bool ascii(std::string_view s) {
  return std::all_of(s.begin(), s.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// Titles and the like that stand in names and name nobody.
bool common(std::string_view word) {
  static constexpr std::array<std::string_view, 16> words{"mr", "mrs", "ms", "dr", "md", "phd", "jr", "sr", "prof", "van", "von", "der", "the", "and", "street", "road"};
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

Scrubber::Scrubber(const Tree& tree, const FhirSchema& schema) {
  learn(tree, schema, tree.root(), false);
  std::sort(phrases_.begin(), phrases_.end(), [](const std::string& a, const std::string& b) { return a.size() != b.size() ? a.size() > b.size() : a < b; });
  phrases_.erase(std::unique(phrases_.begin(), phrases_.end()), phrases_.end());
}

void Scrubber::learn(const Tree& tree, const FhirSchema& schema, NodeId node, bool personal) {
  const Element& element = schema[tree[node].element];
  const std::string_view type = schema[element.type].name, name = tree[node].name();
  if (type == "HumanName" || type == "Address") personal = true;
  const std::string_view above = schema[tree[tree[node].parent].element].owner == untyped ? "" : schema[schema[tree[tree[node].parent].element].type].name;
  const bool number = name == "value" && (above == "Identifier" || above == "ContactPoint");
  const bool telling = personal && name != "use" && name != "type" && name != "country" && name != "state" && element.primitive == Primitive::string;
  if (tree[node].holds == Holds::text && (number || telling || name == "birthDate")) learn(tree[node].value());
  for (const NodeId child : children(tree, node)) learn(tree, schema, child, personal && tree[child].name() != "extension");
}

void Scrubber::learn(std::string_view value) {
  const std::string known = lower(trim(value));
  if (known.size() < 2) return;
  std::string word;
  std::size_t count = 0;
  for (std::size_t i = 0; i <= known.size(); ++i) {
    if (i < known.size() && word_byte(known[i])) {
      word += known[i];
      continue;
    }
    if (!word.empty()) ++count;
    if (word.size() >= 2 && !common(word)) words_.insert(word);
    word.clear();
  }
  if (count > 1 || !ascii(known)) phrases_.push_back(known);
}

std::string Scrubber::operator()(std::string_view text) const {
  std::string out = without_words(without_phrases(text));
  for (const auto& pattern : patterns()) out = pattern.replace_all(out, gone);
  return out;
}

std::string Scrubber::without_phrases(std::string_view text) const {
  std::string out(text);
  for (const auto& phrase : phrases_) {
    std::string low = lower(out);
    for (std::size_t at = low.find(phrase); at != low.npos; at = low.find(phrase, at + gone.size())) {
      out.replace(at, phrase.size(), gone);
      low.replace(at, phrase.size(), gone);
    }
  }
  return out;
}

std::string Scrubber::without_words(std::string_view text) const {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && word_byte(text[end])) ++end;
    if (end == at) {
      out += text[at++];
      continue;
    }
    const std::string_view word = text.substr(at, end - at);
    if (words_.contains(lower(word))) out += gone;
    else out += word;
    at = end;
  }
  return out;
}

}  // namespace tombolo::deidentify
