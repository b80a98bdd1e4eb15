#include "engine/command/map.h"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <memory>
#include <ostream>
#include <stdexcept>

#include "engine/base/text.h"
#include "engine/canonical/canonical.h"
#include "engine/command/command.h"
#include "engine/command/input.h"
#include "engine/command/map_to_v2.h"
#include "engine/formats/fhir/print.h"
#include "engine/formats/hl7v2/address.h"
#include "engine/formats/hl7v2/hl7v2.h"
#include "engine/mapping/mapping.h"
#include "engine/mapping/trial/trial.h"

namespace tombolo {
namespace {

// What all messages of a call share.
class Desktop {
 public:
  Desktop(const MapOptions& options, std::ostream& err)
      : options_(options), library_(options.site, options.shipped), dictionary_(library_), schema_(library_), format_(hl7v2_format(dictionary_)) {
    Diagnostics diagnostics;
    messages_ = Messages::load(library_, dictionary_, schema_, options.layers, diagnostics);
    if (messages_->empty()) {
      diagnostics = {};
      maps_ = Maps::load(library_, dictionary_, schema_, options.layers, diagnostics);
    }
    sound_ = !diagnostics.failed();
    err << diagnostics.print();
    if (sound_ && !messages_->empty()) to_v2_ = std::make_unique<MessageDesk>(options, *messages_, dictionary_, schema_);
    if (messages_->empty() && !options.to.empty()) throw std::invalid_argument("--to: the maps of " + options.layers.front() + " make no HL7 v2");
    if (options.zone.empty()) return;
    zone_ = Zone::find(options.zone);
    if (!zone_) throw std::invalid_argument("--zone: expected +hh:mm, -hh:mm or a place such as Europe/Berlin, found " + options.zone);
  }
  bool sound() const { return sound_; }
  std::string_view ending() const { return options_.explain || options_.unmapped ? ".txt" : to_v2_ ? ".hl7" : ".json"; }

  // The text to print, or why there is none.
  Result<std::string> map(std::string_view bytes) const {
    if (to_v2_) return to_v2_->map(bytes);
    const auto messages = format_->split(bytes);
    if (!messages) return messages.error();
    if (messages->size() != 1)
      return Fault{Kind::unsupported, "", "holds " + std::to_string(messages->size()) + " messages: map them one by one"};
    Arena source_arena, out_arena;
    Tree source(source_arena), out(out_arena);
    std::vector<Complaint> complaints;
    const auto parsed = format_->parse(messages->front(), {}, source, complaints);
    if (!parsed) return parsed.error();
    const auto* const map = maps_->for_message(source);
    if (map == nullptr) return maps_->no_map(source);
    RunInputs inputs;
    inputs.zone = zone_;
    inputs.watch = options_.unmapped;
    if (const auto peek = format_->peek(messages->front(), {}, {})) inputs.message = message_name(*peek, messages->front());
    RunReport report;
    const auto done = maps_->run(*map, source, inputs, out, report);
    if (!done) return done.error();
    if (options_.unmapped) return unmapped(source, report);
    if (options_.explain) return explained(source, out, report);
    return print_fhir(out, schema_, options_.pretty ? 2 : 0) + "\n";
  }

 private:
  std::string explained(const Tree& source, const Tree& out, const RunReport& report) const {
    std::string text;
    leaf(source, out, out.root(), text);
    for (const auto& line : report.lines) {
      text += std::string(name(line.kind)) + ": " + line.text;
      if (!line.path.empty()) text += "  " + line.path;
      if (line.source != no_node) text += "  <- " + hl7v2::place(source, line.source);
      if (line.rule != 0) text += "  " + maps_->rule(line.rule);
      if (line.other_source != no_node) text += ", not " + hl7v2::place(source, line.other_source);
      if (line.other_rule != 0) text += "  " + maps_->rule(line.other_rule);
      text += "\n";
    }
    for (const auto& miss : report.missed)
      text += "miss: " + std::string(maps_->table(*miss.table)) + "  <- " + hl7v2::place(source, miss.source) + "  " + maps_->rule(miss.rule) + "\n";
    return text;
  }

  void leaf(const Tree& source, const Tree& out, NodeId node, std::string& text) const {
    const Node& n = out[node];
    if (n.lineage != 0) {
      const auto& lineage = out.lineage(n.lineage);
      const auto sources = out.sources(n.lineage);
      text += fhir_path(out, schema_, node) + (n.holds == Holds::text ? " = " + std::string(n.value()) : n.holds == Holds::deleted ? " deleted" : "");
      for (std::size_t i = 0; i < sources.size(); ++i)
        text += (i + lineage.because == sources.size() ? "  because " : i == 0 ? "  <- " : ", ") + hl7v2::place(source, sources[i]);
      text += "  " + maps_->rule(lineage.rule);
      if (lineage.table_row != 0) text += " row " + std::to_string(lineage.table_row);
      text += "\n";
    }
    for (const NodeId child : children(out, node)) leaf(source, out, child, text);
  }

  std::string unmapped(const Tree& source, const RunReport& report) const {
    std::string text;
    for (const auto& place : trial::unmapped(source, report)) text += place + "\n";
    return text;
  }

  const MapOptions& options_;
  Library library_;
  V2Dictionary dictionary_;
  FhirSchema schema_;
  std::unique_ptr<Format> format_;
  std::unique_ptr<const Maps> maps_;
  std::unique_ptr<const Messages> messages_;
  std::unique_ptr<const MessageDesk> to_v2_;   // where the layers make HL7 v2 of FHIR
  std::optional<Zone> zone_;
  bool sound_ = false;
};

}  // namespace

int map_command(const MapOptions& options, std::ostream& out, std::ostream& err) {
  try {
    const Desktop desktop(options, err);
    if (!desktop.sound()) return 1;
    if (options.input != "-" && std::filesystem::is_directory(options.input))
      return convert_folder(options.input, options.out, desktop.ending(),
                            [&](std::string_view bytes) { return desktop.map(bytes); }, err);
    const auto mapped = desktop.map(read_input(options.input));
    if (mapped) out << *mapped << std::flush;
    else err << options.input << ": " << text(mapped.error()) << std::endl;
    return mapped ? 0 : 1;
  } catch (const std::invalid_argument& wrong) {
    err << "tombolo: " << wrong.what() << std::endl;
    return 2;
  }
}

void add_map(CLI::App& app, Desk& desk) {
  auto options = std::make_shared<MapOptions>();
  auto map = std::make_shared<std::string>();
  auto more = std::make_shared<std::vector<std::string>>();
  CLI::App* command = app.add_subcommand("map", "carry out maps over messages: tombolo map hl7v2-to-fhir FILE, or DIR -o OUT");
  command->add_option("MAP", *map, "a folder (or file) of maps, such as hl7v2-to-fhir; the map is chosen by MSH-9")->required();
  command->add_option("FILE", options->input, "a message or a Bundle, a folder of them, or - for standard input (default)");
  command->add_option("-o,--out", options->out, "the folder for the results of a folder")->type_name("DIR");
  command->add_option("--layer", *more, "a further layer that changes the maps, such as a site's")->type_name("NAME");
  command->add_option("--site", options->site, "the folder of the site's files")->type_name("DIR");
  command->add_option("--zone", options->zone, "the zone of times that do not say theirs: +01:00, Europe/Berlin");
  command->add_option("--to", options->to, "of FHIR: the message to make, such as ADT_A04; else what its MessageHeader says");
  command->add_option("--version", options->version, "of FHIR: the version of HL7 v2 to make (default 2.5.1)");
  command->add_option("--at", options->at, "of FHIR: the time that maps know as %received")->type_name("TIME");
  command->add_option("--id", options->id, "of FHIR: the control id that maps know as %message");
  command->add_flag("--explain", options->explain, "per leaf: path, value, source, rule");
  command->add_flag("--unmapped", options->unmapped, "the valued fields that no rule read");
  command->add_flag("--pretty", options->pretty, "indented JSON");
  command->callback([options, map, more, &desk] {
    options->layers = {*map};
    options->layers.insert(options->layers.end(), more->begin(), more->end());
    options->shipped = desk.shipped;
    desk.status = map_command(*options, desk.out, desk.err);
  });
}

}  // namespace tombolo
