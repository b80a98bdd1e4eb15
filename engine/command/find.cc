// find, show, resend, release, resume, log: look into a store, and speak to the engine that runs on it.
#include <CLI/CLI.hpp>

#include <filesystem>
#include <memory>
#include <ostream>

#include "engine/base/json.h"
#include "engine/base/text.h"
#include "engine/command/ask.h"
#include "engine/command/command.h"
#include "engine/store/query.h"

namespace tombolo {
namespace {

std::string_view name(store::Status status) {
  switch (status) {
    case store::Status::received: return "received";
    case store::Status::held: return "held";
    case store::Status::posted: return "posted";
    case store::Status::filtered: return "filtered";
    case store::Status::failed: return "failed";
    case store::Status::refused: return "refused";
  }
  return "unknown";
}

std::string_view name(store::Fate fate) {
  switch (fate) {
    case store::Fate::waiting: return "waiting";
    case store::Fate::delivered: return "delivered";
    case store::Fate::dead: return "dead";
    case store::Fate::skipped: return "skipped";
  }
  return "unknown";
}

// The name that a user gave, among those there are.
template <class Enum>
std::optional<Enum> named(const std::string& wanted) {
  for (int i = 0; i < 6; ++i) {
    if (!wanted.empty() && name(static_cast<Enum>(i)) == wanted) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

struct FindOptions {
  std::string store = "store";
  std::string since, until, status, fate;
  std::vector<std::string> keys;   // "kind=value" or "value"
  store::Search search;
  bool json = false;
};

void print(std::ostream& out, const store::Found& row) {
  out << row.sequence << "  " << iso8601(row.received_at) << "  " << row.channel << "  " << (row.type.empty() ? "-" : row.type) << "  "
      << (row.control_id.empty() ? "-" : row.control_id) << "  " << name(row.status) << "  " << row.answer.substr(0, 2);
  if (row.waiting) out << "  waiting " << row.waiting;
  if (row.delivered) out << "  delivered " << row.delivered;
  if (row.dead) out << "  dead " << row.dead;
  if (row.skipped) out << "  skipped " << row.skipped;
  if (!row.detail.empty()) out << "  (" << row.detail << ")";
  out << "\n";
}

void print_json(std::ostream& out, const store::Found& row) {
  std::string line;
  JsonWriter json(line);
  json.begin_object();
  json.member("parcel", static_cast<std::int64_t>(row.sequence));
  json.member("received", iso8601(row.received_at));
  json.member("channel", row.channel);
  json.member("type", row.type);
  json.member("control_id", row.control_id);
  json.member("status", name(row.status));
  json.member("answer", row.answer.substr(0, 2));
  json.member("detail", row.detail);
  json.member("waiting", std::int64_t{row.waiting});
  json.member("delivered", std::int64_t{row.delivered});
  json.member("dead", std::int64_t{row.dead});
  json.end_object();
  out << line << "\n";
}

int find(FindOptions options, Desk& desk) {
  store::Search& search = options.search;
  for (const auto& key : options.keys) {
    const std::size_t at = key.find('=');
    if (at == std::string::npos) search.keys.emplace_back("", key);
    else search.keys.emplace_back(key.substr(0, at), key.substr(at + 1));
  }
  search.status = named<store::Status>(options.status);
  search.fate = named<store::Fate>(options.fate);
  if (!options.since.empty()) search.from = from_iso8601(options.since);
  if (!options.until.empty()) search.until = from_iso8601(options.until);
  store::Reader reader(options.store);
  const auto rows = reader.find(search);
  for (const auto& row : rows) options.json ? print_json(desk.out, row) : print(desk.out, row);
  return rows.empty() ? 1 : 0;
}

void print(std::ostream& out, const store::Shown& shown) {
  print(out, shown.about);
  out << "  from " << shown.peer << (shown.about.sender.empty() ? "" : " (" + shown.about.sender + ")") << ", " << shown.about.size
      << " bytes, configuration " << shown.config << "\n";
  for (const auto& [kind, value] : shown.keys) out << "  " << kind << " " << value << "\n";
  for (const auto& delivery : shown.deliveries) {
    out << "  to " << delivery.row.destination << ": " << name(delivery.fate) << ", id " << delivery.row.id << "\n";
    for (const auto& attempt : delivery.outcomes) {
      out << "    " << iso8601(attempt.at) << " " << attempt.code << (attempt.detail.empty() ? "" : " " + attempt.detail) << "\n";
    }
  }
}

int show(const std::string& folder, store::Sequence sequence, bool bytes, bool configuration, const std::string& destination, Desk& desk) {
  store::Reader reader(folder);
  const auto shown = reader.show(sequence);
  if (!shown) {
    desk.err << "tombolo: this store has no parcel " << sequence << std::endl;
    return 1;
  }
  if (configuration) {
    desk.out << reader.config(shown->config).value_or("") << std::flush;
    return 0;
  }
  if (!bytes) {
    print(desk.out, *shown);
    return 0;
  }
  std::optional<std::string> found;
  if (destination.empty()) found = reader.bytes(sequence);
  for (const auto& delivery : shown->deliveries) {
    if (!destination.empty() && delivery.row.destination == destination) found = reader.body(delivery.row.body);
  }
  if (!found) {
    desk.err << "tombolo: these bytes are not kept any more" << std::endl;
    return 1;
  }
  desk.out << *found << std::flush;
  return 0;
}

void store_option(CLI::App* command, std::string& store) {
  command->add_option("--store", store, "the store's folder (default: ./store)");
}

}  // namespace

void add_find(CLI::App& app, Desk& desk) {
  auto options = std::make_shared<FindOptions>();
  CLI::App* find_command = app.add_subcommand("find", "search the store: by key, time, channel, type, status, destination, error");
  store_option(find_command, options->store);
  find_command->add_option("KEY", options->keys, "a patient, visit, order, accession or control id; or kind=value");
  find_command->add_option("--channel", options->search.channel);
  find_command->add_option("--type", options->search.type, "ADT, or ADT^A01");
  find_command->add_option("--sender", options->search.sender);
  find_command->add_option("--control-id", options->search.control_id);
  find_command->add_option("--destination", options->search.destination);
  find_command->add_option("--status", options->status)->check(CLI::IsMember({"received", "held", "posted", "filtered", "failed", "refused"}));
  find_command->add_option("--fate", options->fate)->check(CLI::IsMember({"waiting", "delivered", "dead", "skipped"}));
  find_command->add_option("--error", options->search.error, "part of the reason");
  find_command->add_option("--since", options->since, "2026-01-31 or 2026-01-31T08:00Z");
  find_command->add_option("--until", options->until);
  find_command->add_option("--limit", options->search.limit);
  find_command->add_flag("--json", options->json);
  find_command->callback([options, &desk] { desk.status = find(*options, desk); });

  struct ShowOptions {
    std::string store = "store", destination;
    store::Sequence sequence = 0;
    bool bytes = false, configuration = false;
  };
  auto shown = std::make_shared<ShowOptions>();
  CLI::App* show_command = app.add_subcommand("show", "everything known about one parcel: arrival, answer, deliveries, attempts");
  store_option(show_command, shown->store);
  show_command->add_option("PARCEL", shown->sequence)->required();
  show_command->add_flag("--bytes", shown->bytes, "the message itself, as received (or as sent, with --destination)");
  show_command->add_flag("--configuration", shown->configuration, "what it was mapped with: the channel file, and each file of the site with its hash");
  show_command->add_option("--destination", shown->destination);
  show_command->callback([shown, &desk] {
    desk.status = show(shown->store, shown->sequence, shown->bytes, shown->configuration, shown->destination, desk);
  });

  struct Request {
    std::string store = "store", first, second;
  };
  auto resent = std::make_shared<Request>();
  CLI::App* resend_command = app.add_subcommand("resend", "deliver a parcel once more, through the running engine");
  store_option(resend_command, resent->store);
  resend_command->add_option("PARCEL", resent->first)->required();
  resend_command->add_option("DESTINATION", resent->second, "only to this one");
  resend_command->callback([resent, &desk] { desk.status = ask(resent->store, "resend " + resent->first + " " + resent->second, desk); });

  auto released = std::make_shared<Request>();
  CLI::App* release_command = app.add_subcommand("release", "let a held parcel pass: it is walked again and not held any more");
  store_option(release_command, released->store);
  release_command->add_option("PARCEL", released->first)->required();
  release_command->callback([released, &desk] { desk.status = ask(released->store, "release " + released->first, desk); });

  auto resumed = std::make_shared<Request>();
  CLI::App* resume_command = app.add_subcommand("resume", "end the pause of a destination");
  store_option(resume_command, resumed->store);
  resume_command->add_option("CHANNEL", resumed->first)->required();
  resume_command->add_option("DESTINATION", resumed->second)->required();
  resume_command->callback([resumed, &desk] { desk.status = ask(resumed->store, "resume " + resumed->first + " " + resumed->second, desk); });

  auto level = std::make_shared<Request>();
  CLI::App* log_command = app.add_subcommand("log", "change the level of the running engine's log");
  store_option(log_command, level->store);
  log_command->add_option("LEVEL", level->first)->required()->check(CLI::IsMember({"debug", "info", "warning", "error"}));
  log_command->callback([level, &desk] { desk.status = ask(level->store, "log " + level->first, desk); });
}

}  // namespace tombolo
