// A suite: one *.test.yaml beside the maps, as a person wrote it. mappings/README.md, "Tests beside maps", tells the format.
// Reading checks all that can be said without maps; every fault has its place.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/diagnostic.h"
#include "engine/base/time.h"
#include "engine/base/zone.h"
#include "engine/mapping/messages.h"

namespace tombolo::trial {

// A text of the file and where it begins.
struct Said {
  std::string text;
  Place place;
};

// Who read a golden against the standard: "T. Ahlberg, 2026-11-23, 9f86d081". The last part is the beginning of the SHA-256 of the
// golden file that was read, so a later change shows.
struct Signature {
  std::string who;
  std::string of;                                   // 8 hex digits
  Place place;
};

struct Case {
  Said name;                                        // the sentence after `test:`
  std::string message;                              // segments end with CR
  bool fragment = false;                            // its MSH was made here
  bool bundle = false;                              // `message` is a Bundle in FHIR, to become HL7 v2:
  MessageKind kind;                                 // `to` and `version`
  Time received{};                                  // `at`: %received
  std::string id;                                   // %message
  std::vector<std::string> edit;                    // v2 to v2: the layers, the first one perhaps as LAYER/NAME; empty: maps
  std::optional<Zone> zone;                         // of times that do not say theirs
  std::vector<Said> expect;                         // claims
  std::optional<std::vector<Said>> diagnostics;     // nothing: not asked
  std::optional<std::vector<Said>> unmapped;
  std::vector<Said> absent;
  std::optional<Said> golden;                       // the file, relative to the suite's folder
  std::optional<Signature> signature;               // of the golden
};

struct Suite {
  std::filesystem::path file;
  std::string text;                                 // of the file: findings quote its lines
  std::vector<std::string> layers;                  // empty: not said
  Place place;                                      // of `layers`, or of the file
  std::vector<Case> cases;
};

// name: how findings call the file. Throws std::runtime_error if it cannot be read; what is wrong in it goes to `diagnostics`.
Suite read_suite(const std::filesystem::path& file, const std::string& name, Diagnostics& diagnostics);

}  // namespace tombolo::trial
