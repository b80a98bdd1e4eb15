#include "engine/command/edit.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <ostream>
#include <stdexcept>

#include "engine/base/text.h"
#include "engine/command/command.h"
#include "engine/command/input.h"
#include "engine/formats/hl7v2/address.h"
#include "engine/formats/hl7v2/hl7v2.h"
#include "engine/mapping/edits.h"

namespace tombolo {
namespace {

// What all messages of a call share.
class Workbench {
 public:
  Workbench(const EditOptions& options, std::ostream& err)
      : options_(options), library_(options.site, options.shipped), dictionary_(library_), schema_(library_), format_(hl7v2_format(dictionary_)) {
    Diagnostics diagnostics;
    edits_ = Edits::load(library_, dictionary_, schema_, options.layers, diagnostics);
    sound_ = !diagnostics.failed();
    err << diagnostics.print();
    if (!sound_) return;
    if (edits_->empty()) throw std::invalid_argument(options.layers.front() + " has no `edit`");
    const auto names = edits_->names();
    if (!options.name.empty() && std::find(names.begin(), names.end(), options.name) == names.end())
      throw std::invalid_argument(options.layers.front() + " has no edit called '" + options.name + "'" + suggestion(options.name, names));
  }
  bool sound() const { return sound_; }

  // A file's messages, each changed in its place; or what changed.
  Result<std::string> edit(std::string_view bytes) const {
    const auto messages = format_->split(bytes);
    if (!messages) return messages.error();
    std::string text;
    const char* done = bytes.data();
    for (const auto message : *messages) {
      const auto edited = one(message);
      if (!edited) return edited.error();
      if (!options_.explain) text.append(done, static_cast<std::size_t>(message.data() - done));
      text += *edited;
      done = message.data() + message.size();
    }
    if (!options_.explain) text.append(done, static_cast<std::size_t>(bytes.data() + bytes.size() - done));
    return text;
  }

 private:
  Result<std::string> one(std::string_view message) const {
    Arena source_arena, out_arena;
    Tree source(source_arena), out(out_arena);
    std::vector<Complaint> complaints;
    const auto parsed = format_->parse(message, {}, source, complaints);
    if (!parsed) return parsed.error();
    RunInputs inputs;
    inputs.watch = options_.explain;
    EditReport report;
    const auto done = edits_->run(source, options_.name, inputs, out, report);
    if (!done) return done.error();
    return options_.explain ? Result<std::string>(explained(source, report)) : format_->print(out);
  }

  std::string explained(const Tree& source, const EditReport& report) const {
    std::string text;
    for (const auto& change : report.changes) {
      text += change.place + "  ";
      if (!change.before.empty()) text += change.before + " ";
      if (change.deed == EditReport::Deed::moved || change.deed == EditReport::Deed::copied)
        text += (change.deed == EditReport::Deed::moved ? "→ moved " : "→ copied ") + change.after;
      else text += change.deed == EditReport::Deed::deleted ? "→ deleted" : change.after.empty() ? "→ empty" : "→ " + change.after;
      text += "  " + edits_->rule(change.rule) + "\n";
    }
    for (const auto& miss : report.missed)
      text += "miss " + hl7v2::place(source, miss.source) + ": " + std::string(edits_->table(*miss.table)) + " has no such code  " + edits_->rule(miss.rule) + "\n";
    for (const auto& line : report.lines) {
      text += std::string(name(line.kind)) + ": " + line.text;
      if (line.source != no_node) text += "  " + hl7v2::place(source, line.source);
      text += "  " + edits_->rule(line.rule) + "\n";
    }
    return text;
  }

  const EditOptions& options_;
  Library library_;
  V2Dictionary dictionary_;
  FhirSchema schema_;
  std::unique_ptr<Format> format_;
  std::unique_ptr<const Edits> edits_;
  bool sound_ = false;
};

}  // namespace

int edit_command(const EditOptions& options, std::ostream& out, std::ostream& err) {
  try {
    const Workbench bench(options, err);
    if (!bench.sound()) return 1;
    if (options.input != "-" && std::filesystem::is_directory(options.input))
      return convert_folder(options.input, options.out, options.explain ? ".txt" : ".hl7", [&](std::string_view bytes) { return bench.edit(bytes); }, err);
    const auto edited = bench.edit(read_input(options.input));
    if (edited) out << *edited << std::flush;
    else err << options.input << ": " << text(edited.error()) << std::endl;
    return edited ? 0 : 1;
  } catch (const std::invalid_argument& wrong) {
    err << "tombolo: " << wrong.what() << std::endl;
    return 2;
  }
}

void add_edit(CLI::App& app, Desk& desk) {
  auto options = std::make_shared<EditOptions>();
  auto edit = std::make_shared<std::string>();
  auto more = std::make_shared<std::vector<std::string>>();
  CLI::App* command = app.add_subcommand("edit", "change HL7 v2 messages a little: tombolo edit EDIT FILE, or DIR -o OUT");
  command->add_option("EDIT", *edit, "a folder (or file) of mappings/ with edits, chosen by MSH-9; or EDIT/NAME for one that is called so")->required();
  command->add_option("FILE", options->input, "a message, a folder of them, or - for standard input (default)");
  command->add_option("-o,--out", options->out, "the folder for the results of a folder")->type_name("DIR");
  command->add_option("--layer", *more, "a further layer, whose edits come after")->type_name("NAME");
  command->add_option("--site", options->site, "the folder of the site's files")->type_name("DIR");
  command->add_flag("--explain", options->explain, "what changed: place, before → after, rule");
  command->callback([options, edit, more, &desk] {
    const auto slash = edit->find('/');
    options->layers = {edit->substr(0, slash)};
    if (slash != std::string::npos) options->name = edit->substr(slash + 1);
    options->layers.insert(options->layers.end(), more->begin(), more->end());
    options->shipped = desk.shipped;
    desk.status = edit_command(*options, desk.out, desk.err);
  });
}

}  // namespace tombolo
