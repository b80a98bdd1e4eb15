// tombolo coverage: what the maps make of a folder of messages. Never prints values, except codes that their table does not have.
// Exit: 0, 1 if the maps have errors or no message could be mapped, 2 wrong usage, 3 a file could not be read.
#pragma once

#include <filesystem>
#include <iosfwd>
#include <string>
#include <vector>

#include "engine/base/json.h"
#include "engine/mapping/trial/findings.h"
#include "engine/mapping/trial/tally.h"

namespace CLI {
class App;
}

namespace tombolo {

struct Desk;

struct CoverageOptions {
  std::string path;                  // a folder of messages, or one file
  std::vector<std::string> layers;   // of maps; with an edit those above it
  std::string edit;                  // EDIT or EDIT/NAME, instead of maps
  std::string site, shipped;
  std::string zone;                  // of times that do not say theirs
  bool json = false;
};

int coverage_command(const CoverageOptions& options, std::ostream& out, std::ostream& err);
int edit_coverage(const CoverageOptions& options, std::ostream& out, std::ostream& err);
void add_coverage(CLI::App& app, Desk& desk);

// The files to be read: all below a folder, or the one. Throws std::runtime_error if there is none.
std::vector<std::filesystem::path> message_files(const std::filesystem::path& path);

// Shared with `tombolo test --coverage`.
void print_rules(const std::vector<trial::RuleTally::File>& files, std::ostream& out);
void print_fields(const std::vector<trial::FieldTally::Field>& fields, std::ostream& out);
void print_findings(const trial::FindingTally& tally, std::ostream& out);
void print_findings_json(const trial::FindingTally& tally, JsonWriter& json);
void print_rules_json(const std::vector<trial::RuleTally::File>& files, JsonWriter& json);
void print_fields_json(const std::vector<trial::FieldTally::Field>& fields, JsonWriter& json);

}  // namespace tombolo
