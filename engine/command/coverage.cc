#include "engine/command/coverage.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <ostream>
#include <stdexcept>

#include "engine/base/files.h"
#include "engine/base/library.h"
#include "engine/command/command.h"
#include "engine/mapping/trial/findings.h"
#include "engine/mapping/trial/trial.h"

namespace tombolo {
namespace {

namespace fs = std::filesystem;

// What was counted over all messages.
struct Coverage {
  std::size_t files = 0, messages = 0, mapped = 0;
  std::vector<std::string> unmapped;  // "adt.hl7: MSH-9: there is no map …"
  trial::RuleTally rules;
  trial::FieldTally fields;
  trial::FindingTally findings;
};

void cover(const trial::Trial& trial, const std::string& name, std::string_view bytes, const std::optional<Zone>& zone, Coverage& all) {
  ++all.messages;
  const auto made = trial.map(bytes, zone);
  if (!made) {
    all.unmapped.push_back(name + ": " + text(made.error()));
    return;
  }
  ++all.mapped;
  const auto& run = **made;
  all.rules.add(trial.maps(), run.report.fired);
  all.fields.add(run.source, run.bundle, run.report);
  all.findings.add(trial.maps(), run.source, run.report);
}

void cover_file(const trial::Trial& trial, const fs::path& file, const std::optional<Zone>& zone, Coverage& all) {
  ++all.files;
  const auto bytes = read_file(file);
  const auto messages = trial.format().split(bytes);
  if (!messages) {
    ++all.messages;
    all.unmapped.push_back(file.string() + ": " + text(messages.error()));
    return;
  }
  for (const auto message : *messages) cover(trial, file.string(), message, zone, all);
}

void print(const Coverage& all, std::ostream& out) {
  out << all.mapped << " of " << all.messages << " messages in " << all.files << " files were mapped\n";
  for (const auto& line : all.unmapped) out << "  " << line << "\n";
  out << "\n";
  print_fields(all.fields.fields(), out);
  out << "\n";
  print_findings(all.findings, out);
  out << "\n";
  print_rules(all.rules.files(), out);
}

void print_json(const Coverage& all, std::ostream& out) {
  std::string made;
  JsonWriter json(made);
  json.begin_object();
  json.member("files", static_cast<std::int64_t>(all.files)), json.member("messages", static_cast<std::int64_t>(all.messages));
  json.member("mapped", static_cast<std::int64_t>(all.mapped));
  json.key("not mapped"), json.begin_array();
  for (const auto& line : all.unmapped) json.string(line);
  json.end_array();
  print_fields_json(all.fields.fields(), json);
  print_findings_json(all.findings, json);
  print_rules_json(all.rules.files(), json);
  json.end_object();
  out << made << std::endl;
}

}  // namespace

std::vector<fs::path> message_files(const fs::path& path) {
  if (fs::is_regular_file(path)) return {path};
  if (!fs::is_directory(path)) throw std::runtime_error("cannot read " + path.string());
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(path))
    if (entry.is_regular_file() && !entry.path().filename().string().starts_with('.')) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

void print_findings(const trial::FindingTally& tally, std::ostream& out) {
  out << "codes that their table does not have\n";
  for (const auto& miss : tally.misses())
    out << "  " << miss.table << "  " << miss.code << "  " << miss.times << " times, " << miss.field << (miss.ignored ? " (the rule ignores it)" : "") << "\n";
  out << "\nwhat was reported\n";
  for (const auto& finding : tally.findings()) {
    out << "  " << name(finding.kind) << (finding.field.empty() ? "" : " " + finding.field) << "  " << finding.times << " times: " << finding.text;
    if (finding.rule.line != 0) out << "  " << text(finding.rule);
    out << "\n";
  }
}

void print_findings_json(const trial::FindingTally& tally, JsonWriter& json) {
  json.key("misses"), json.begin_array();
  for (const auto& miss : tally.misses()) {
    json.begin_object();
    json.member("table", miss.table), json.member("code", miss.code), json.member("field", miss.field);
    json.member("ignored", miss.ignored), json.member("times", static_cast<std::int64_t>(miss.times));
    json.end_object();
  }
  json.end_array();
  json.key("findings"), json.begin_array();
  for (const auto& finding : tally.findings()) {
    json.begin_object();
    json.member("kind", name(finding.kind)), json.member("field", finding.field), json.member("text", finding.text);
    if (finding.rule.line != 0) json.member("rule", text(finding.rule));
    json.member("times", static_cast<std::int64_t>(finding.times));
    json.end_object();
  }
  json.end_array();
}

int coverage_command(const CoverageOptions& options, std::ostream& out, std::ostream& err) {
  std::optional<Zone> zone;
  if (!options.zone.empty() && !(zone = Zone::find(options.zone))) {
    err << "tombolo: --zone: expected +hh:mm, -hh:mm or a place such as Europe/Berlin, found " << options.zone << std::endl;
    return 2;
  }
  if (!options.edit.empty()) return edit_coverage(options, out, err);
  const auto files = message_files(options.path);
  const Library library(options.site, options.shipped);
  const V2Dictionary dictionary(library);
  const FhirSchema schema(library);
  Diagnostics diagnostics;
  const trial::Trial trial(library, dictionary, schema, options.layers, diagnostics);
  err << diagnostics.print();
  if (!trial.sound()) return 1;
  Coverage all;
  all.rules.know(trial.maps());
  for (const auto& file : files) cover_file(trial, file, zone, all);
  if (options.json) print_json(all, out);
  else print(all, out);
  return all.mapped == 0 ? 1 : 0;
}

void add_coverage(CLI::App& app, Desk& desk) {
  auto options = std::make_shared<CoverageOptions>();
  CLI::App* command = app.add_subcommand("coverage", "what maps, or an edit, make of a folder of messages: fields, codes, rules; no values");
  command->add_option("DIR", options->path, "a folder of messages, or one file")->required();
  command->add_option("--edit", options->edit, "an edit, or EDIT/NAME, instead of maps")->type_name("EDIT");
  command->add_option("--layers", options->layers, "folders of maps, later ones change earlier ones (default: hl7v2-to-fhir); with --edit those above it")
      ->type_name("NAME");
  command->add_option("--site", options->site, "the folder of the site's files")->type_name("DIR");
  command->add_option("--zone", options->zone, "the zone of times that do not say theirs: +01:00, Europe/Berlin");
  command->add_flag("--json", options->json, "as JSON");
  command->callback([options, &desk] {
    options->shipped = desk.shipped;
    if (options->layers.empty() && options->edit.empty()) options->layers = {"hl7v2-to-fhir"};
    desk.status = coverage_command(*options, desk.out, desk.err);
  });
}

}  // namespace tombolo
