#include <CLI/CLI.hpp>

#include <algorithm>
#include <memory>

#include "engine/base/events.h"
#include "engine/base/text.h"
#include "engine/command/command.h"
#include "engine/mapping/functions/functions.h"
#include "engine/command/document.h"
#include "engine/connectors/tls/options.h"

namespace tombolo {
namespace {

struct Shelf {
  explicit Shelf(Desk& desk, const std::string& site) : library(site, desk.shipped), dictionary(library), schema(library) {
    desk.stock(shelves, dictionary, schema);
  }
  Library library;
  V2Dictionary dictionary;
  FhirSchema schema;
  Shelves shelves;
};

template <class Plugs>
void list_plugs(std::ostream& out, std::string_view heading, const Plugs& plugs) {
  out << heading << "\n";
  for (const auto& plug : plugs) out << "  " << plug.name << "  " << plug.about << "\n";
}

void list_files(std::ostream& out, std::string_view heading, const Library& library, std::string_view folder) {
  const auto names = library.list(folder);
  if (names.empty()) return;
  out << heading << "\n";
  for (const auto& name : names) out << "  " << name << "  " << library.find(name)->place << "\n";
}

int list(const std::string& site, Desk& desk) {
  const Shelf shelf(desk, site);
  list_plugs(desk.out, "sources", shelf.shelves.sources);
  list_plugs(desk.out, "destinations", shelf.shelves.destinations);
  list_plugs(desk.out, "steps", shelf.shelves.steps);
  desk.out << "formats\n";
  for (const auto& [name, format] : shelf.shelves.formats) desk.out << "  " << name << "\n";
  list_files(desk.out, "maps and tables", shelf.library, "mappings");
  return 0;
}

void describe_settings(std::ostream& out, const std::vector<SettingSpec>& settings) {
  for (const auto& s : settings) {
    out << "  " << s.name << "  " << s.type << ", " << (s.otherwise == "required" ? "required" : "default " + std::string(s.otherwise))
        << "\n      " << s.about << "\n";
  }
}

template <class Plug>
void describe_plug(std::ostream& out, std::string_view kind, const Plug& plug) {
  out << plug.name << " (" << kind << "): " << plug.about << "\n\n" << plug.example << "\n";
  describe_settings(out, plug.settings);
}

int describe(const std::string& what, Desk& desk) {
  if (what == "functions") {
    desk.out << "what maps can call besides FHIRPath's own, each by an example that the tests run\n";
    for (const auto& function : mapping::functions())
      desk.out << "  " << (function.example.empty() ? std::string(function.name) + "(…)" : std::string(function.example)) << "\n";
    return 0;
  }
  if (what == "tls") {
    desk.out << "tls (a block of every wire over TCP): `tls: { certificate: tls/engine.pem, ca: tls/partners.pem }`\n\n";
    describe_settings(desk.out, tls::tls_members());
    return 0;
  }
  std::vector<std::string_view> names{"functions", "tls"};
  for (const Event* event : event::all()) {
    if (event->code == what) {
      desk.out << event->code << " " << name(event->level) << ": " << event->text << "\n" << event->help << "\n";
      return 0;
    }
    names.push_back(event->code);
  }
  const Shelf shelf(desk, "");
  bool found = false;
  for (const auto& plug : shelf.shelves.sources) {
    names.push_back(plug.name);
    if (plug.name == what) describe_plug(desk.out, "source", plug), found = true;
  }
  for (const auto& plug : shelf.shelves.destinations) {
    names.push_back(plug.name);
    if (plug.name == what) describe_plug(desk.out, "destination", plug), found = true;
  }
  for (const auto& plug : shelf.shelves.steps) {
    names.push_back(plug.name);
    if (plug.name == what) describe_plug(desk.out, "step", plug), found = true;
  }
  if (found) return 0;
  desk.err << "tombolo: nothing here is called '" << what << "'" << suggestion(what, names) << std::endl;
  return 1;
}

}  // namespace

void add_list(CLI::App& app, Desk& desk) {
  auto site = std::make_shared<std::string>();
  CLI::App* list_command = app.add_subcommand("list", "what this binary can do, and where each map and table was found");
  list_command->add_option("--site", *site, "a site's folder, whose files hide the shipped ones");
  list_command->callback([site, &desk] { desk.status = list(*site, desk); });
  auto what = std::make_shared<std::vector<std::string>>();
  auto document = std::make_shared<DocumentOptions>();
  auto wanted = std::make_shared<bool>(false);
  CLI::App* describe_command = app.add_subcommand("describe", "explain a log line's code (T3002), a source or a destination (mllp), the functions of maps, a channel to its senders");
  describe_command->add_option("NAME", *what, "T3002, mllp, functions …; or: channel NAME, with --document")->required()->expected(1, 2);
  describe_command->add_flag("--document", *wanted, "of a channel: the interface for the other side's team, as Markdown");
  describe_command->add_option("--dir", document->folder, "the folder of the channel, as for run (default: .)")->type_name("DIR");
  describe_command->add_option("--site", document->site, "as for run")->type_name("DIR");
  describe_command->callback([what, document, wanted, &desk] {
    const bool channel = what->front() == "channel" && what->size() == 2;
    if (channel != *wanted || (what->size() == 2) != channel) {
      desk.err << "tombolo: expected describe NAME, or describe channel NAME --document" << std::endl;
      desk.status = 2;
      return;
    }
    document->channel = what->back();
    desk.status = channel ? document_command(*document, desk) : describe(what->front(), desk);
  });
}

}  // namespace tombolo
