// A policy in a text, a message in JSON: what comes out, and what is said of the policy. For tests only.
#pragma once

#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <vector>

#include "engine/canonical/check.h"
#include "engine/filters/deidentify/coverage.h"
#include "engine/filters/deidentify/deidentify.h"
#include "engine/formats/fhir/parse.h"
#include "engine/formats/fhir/print.h"
#include "tests/support/temp.h"

namespace tombolo::deidentify {

inline const FhirSchema& schema() {
  static const Library library;
  static const FhirSchema loaded(library);
  return loaded;
}

inline Keys keys(const std::string& project = "coast") { return Keys::derive("a lighthouse keeper counts gulls at dusk", project).value(); }

// A policy of a site, called "own", with these rules; or a shipped one, with `head` empty and its name as `rules`.
class Filtering {
 public:
  explicit Filtering(const std::string& rules, const std::string& head = "policy: own\nversion: 1\n", const std::string& project = "coast") {
    if (!head.empty()) test::write_file(site_ / "policies/own.yaml", head + "rules:\n" + rules);
    const Library library(site_.path());
    Policy policy = read_policy(library, head.empty() ? rules : "own", {"channel.yaml", 7, 3}, schema(), found_);
    if (!found_.failed()) filter_ = Deidentifier::make(std::move(policy), keys(project), schema(), found_);
  }

  bool sound() const { return filter_ != nullptr; }
  // What is wrong, a line each: "9:12: error: text"; without the quoted lines.
  std::vector<std::string> said() const {
    std::vector<std::string> lines;
    for (const auto& d : found_.list()) {
      lines.push_back(std::to_string(d.place.line) + ":" + std::to_string(d.place.column) + ": " + std::string(tombolo::name(d.severity)) + ": " + d.text);
    }
    return lines;
  }

  // The output as JSON; "held", or the Fault.
  std::string operator()(std::string_view message, Report* report = nullptr, bool seen = false) const {
    REQUIRE(sound());
    Arena in_arena, out_arena;
    Tree in(in_arena), out(out_arena);
    const auto read = parse_fhir(message, schema(), in);
    if (!read) return "cannot be read: " + tombolo::text(read.error());
    const auto release = (*filter_)(in, {*from_iso8601("2026-03-10T12:00:00Z"), seen}, out, report);
    if (!release) return tombolo::text(release.error());
    if (*release == Release::held) return "held";
    for (const auto& problem : check(out, schema())) problems_.push_back(problem.path + ": " + problem.text);
    return print_fhir(out, schema());
  }
  // What the structure check had against outputs so far.
  const std::vector<std::string>& problems() const { return problems_; }

  const Deidentifier& filter() const { return *filter_; }

 private:
  test::TempFolder site_;
  Diagnostics found_;
  std::unique_ptr<const Deidentifier> filter_;
  mutable std::vector<std::string> problems_;
};

using List = std::vector<std::string>;

// What follows `key` up to the next quote: "Patient/" → the token behind it.
inline std::string after(const std::string& text, const std::string& key) {
  const std::size_t at = text.find(key);
  if (at == text.npos) return {};
  return text.substr(at + key.size(), text.find('"', at + key.size()) - at - key.size());
}

}  // namespace tombolo::deidentify
