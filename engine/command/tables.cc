// tables, misses: code tables that databases keep, and the codes that no table has.
#include <CLI/CLI.hpp>

#include <memory>
#include <ostream>

#include "engine/command/ask.h"
#include "engine/command/command.h"
#include "engine/service/plans.h"
#include "engine/service/tables.h"

namespace tombolo {
namespace {

std::string_view name(Refresh::Result result) {
  switch (result) {
    case Refresh::Result::changed: return "changed";
    case Refresh::Result::unchanged: return "unchanged";
    case Refresh::Result::failed: return "failed";
  }
  return "unknown";
}

// Asks every database of the site now, without an engine; one that runs takes up what changed like any dropped file.
int refresh(const std::string& folder, const std::string& site, Desk& desk) {
  const auto where = find_channels(folder, site).site;
  Diagnostics found;
  const auto sources = read_table_sources(where, process_environment(), found);
  desk.err << found.print();
  if (found.failed()) return 1;
  bool failed = false;
  for (const auto& source : sources) {
    const auto done = refresh_table(source, where);
    failed = failed || done.result == Refresh::Result::failed;
    desk.out << done.table << "  " << name(done.result);
    if (done.result == Refresh::Result::failed) desk.out << ": " << done.reason << "\n";
    else desk.out << "  " << done.rows << " rows  " << done.hash << "\n";
  }
  return failed ? 1 : 0;
}

struct Options {
  std::string folder = ".", site, store = "store";
  bool refresh = false, json = false;
};

}  // namespace

void add_tables(CLI::App& app, Desk& desk) {
  auto options = std::make_shared<Options>();
  CLI::App* tables = app.add_subcommand("tables", "code tables that come from databases: how often and how the running engine refreshed them");
  tables->add_option("DIR", options->folder, "as for run; for --refresh");
  tables->add_option("--site", options->site, "as for run");
  tables->add_option("--store", options->store, "the store's folder (default: ./store)");
  tables->add_flag("--refresh", options->refresh, "ask the databases now, with or without an engine");
  tables->callback([options, &desk] {
    desk.status = options->refresh ? refresh(options->folder, options->site, desk) : ask(options->store, "tables", desk);
  });

  auto missed = std::make_shared<Options>();
  CLI::App* misses = app.add_subcommand("misses", "codes that no table has, by sender, since the running engine started");
  misses->add_option("--store", missed->store, "the store's folder (default: ./store)");
  misses->add_flag("--json", missed->json, "one JSON object a line");
  misses->callback([missed, &desk] { desk.status = ask(missed->store, missed->json ? "misses json" : "misses", desk); });
}

}  // namespace tombolo
