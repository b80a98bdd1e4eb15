#include <CLI/CLI.hpp>

#include <memory>

#include "engine/base/log.h"
#include "engine/command/command.h"
#include "engine/service/plans.h"
#include "engine/service/service.h"
#include "engine/service/tables.h"

namespace tombolo {
namespace {

struct RunOptions {
  std::string folder = ".";
  std::string site;
  std::string store;
  std::string log = "text";
  std::string level = "info";
  std::string grace = "10s";
  std::string keep_content = "90d", keep_metadata = "2y", min_free = "512MiB";
  bool no_watch = false;
};

Level level_of(const std::string& name_of_level) {
  for (const auto level : {Level::debug, Level::info, Level::warning, Level::error}) {
    if (name_of_level == name(level)) return level;
  }
  return Level::info;
}

int run(const RunOptions& options, Desk& desk) {
  Groundwork ground(find_channels(options.folder, options.site), desk.shipped);
  Shelves shelves;
  desk.stock(shelves, ground.dictionary, ground.schema);
  const World world = real_world();
  Log log(options.log == "json" ? Log::Style::json : Log::Style::text, level_of(options.level), world.now);
  ServiceOptions service;
  service.store = options.store;
  service.grace = to_duration(options.grace).value_or(service.grace);
  service.store_options.keep_content = to_duration(options.keep_content).value_or(service.store_options.keep_content);
  service.store_options.keep_metadata = to_duration(options.keep_metadata).value_or(service.store_options.keep_metadata);
  service.store_options.min_free = to_bytes(options.min_free).value_or(service.store_options.min_free);
  if (options.no_watch) service.watch = Duration(0);
  return serve(service, ground, shelves, log, world, desk.out, desk.err);
}

int check(const std::string& folder, const std::string& site, bool json, Desk& desk) {
  const Groundwork ground(find_channels(folder, site), desk.shipped);
  Shelves shelves;
  desk.stock(shelves, ground.dictionary, ground.schema);
  Diagnostics found;
  read_table_sources(ground.site.site, process_environment(), found);
  const Plans plans = load_plans(ground, shelves, process_environment(), found);
  desk.err << (json ? found.print_json() : found.print());
  if (found.failed()) return 1;
  desk.out << plans.size() << (plans.size() == 1 ? " channel" : " channels") << ", no errors" << std::endl;
  return 0;
}

}  // namespace

void add_run(CLI::App& app, Desk& desk) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* command = app.add_subcommand("run", "run the channels of a folder, and watch it");
  command->add_option("DIR", options->folder, "folder of channel files, or a site with channels/ in it (default: .)");
  command->add_option("--site", options->site, "folder of mappings/ and other files of this site (default: DIR)");
  command->add_option("--store", options->store, "where messages are kept (default: store in the site's folder)");
  command->add_option("--log", options->log, "text or json")->check(CLI::IsMember({"text", "json"}));
  command->add_option("--level", options->level, "least level of a log line")->check(CLI::IsMember({"debug", "info", "warning", "error"}));
  command->add_option("--grace", options->grace, "after a signal, wait so long for what is in hand (10s)");
  const CLI::Validator a_time([](const std::string& s) { return to_duration(s) ? "" : "expected a time such as 30s, 5m or 90d, found " + s; }, "TIME");
  const CLI::Validator a_size([](const std::string& s) { return to_bytes(s) ? "" : "expected a size such as 512MiB, found " + s; }, "SIZE");
  command->get_option("--grace")->check(a_time);
  command->add_option("--keep-content", options->keep_content, "messages are kept so long (90d)")->check(a_time);
  command->add_option("--keep-metadata", options->keep_metadata, "what is known of them, so long (2y)")->check(a_time);
  command->add_option("--min-free", options->min_free, "below this the store accepts nothing (512MiB, or 5 % if that is less)")->check(a_size);
  command->add_flag("--no-watch", options->no_watch, "do not reload changed files");
  command->callback([options, &desk] { desk.status = run(*options, desk); });
}

void add_check(CLI::App& app, Desk& desk) {
  auto folder = std::make_shared<std::string>(".");
  auto site = std::make_shared<std::string>();
  auto json = std::make_shared<bool>(false);
  CLI::App* command = app.add_subcommand("check", "find everything that is wrong with a folder of channels, without starting it");
  command->add_option("DIR", *folder, "as for run");
  command->add_option("--site", *site, "as for run");
  command->add_flag("--json", *json, "one JSON object a finding");
  command->callback([folder, site, json, &desk] { desk.status = check(*folder, *site, *json, desk); });
}

}  // namespace tombolo
