#include "engine/command/send.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <ostream>

#include "engine/base/files.h"
#include "engine/base/json.h"
#include "engine/base/text.h"
#include "engine/command/command.h"
#include "engine/connectors/mllp/load.h"
#include "engine/formats/hl7v2/header.h"

namespace tombolo {
namespace {

namespace fs = std::filesystem;
using mllp::LoadMessage;
using mllp::LoadResult;

std::vector<fs::path> all_files(const std::vector<std::string>& named) {
  std::vector<fs::path> files;
  for (const fs::path path : named) {
    if (!fs::is_directory(path)) {
      files.push_back(path);
      continue;
    }
    std::vector<fs::path> inside;
    for (const auto& entry : fs::directory_iterator(path)) {
      if (entry.is_regular_file() && !entry.path().filename().string().starts_with('.')) inside.push_back(entry.path());
    }
    std::sort(inside.begin(), inside.end());
    files.insert(files.end(), inside.begin(), inside.end());
  }
  return files;
}

// Enhanced mode may ask for no reply at all, or for one only if something is wrong.
bool wants_reply(std::string_view accept, std::string_view application) {
  if (accept.empty() && application.empty()) return true;
  const auto asks = [](std::string_view wish) { return wish == "AL" || wish == "SU"; };
  return asks(accept) || asks(application);
}

// A message as it is sent, and where its MSH-10 stands, so that it can be given another.
struct Template {
  LoadMessage message;
  std::size_t id_at = std::string::npos;  // npos: no MSH to speak of
};

Template read_template(const fs::path& path) {
  Template made;
  made.message.bytes = read_file(path);
  const std::string_view bytes = made.message.bytes;
  const std::size_t begin = bytes.find("MSH");
  if (begin == std::string_view::npos || !trim(bytes.substr(0, begin)).empty()) return made;  // a batch, or no HL7
  const auto header = hl7v2::Header::read(bytes.substr(begin));
  if (!header) return made;
  made.message.control_id = header->field(10);
  made.message.wants_reply = wants_reply(header->field(15), header->field(16));
  if (!made.message.control_id.empty()) made.id_at = static_cast<std::size_t>(header->field(10).data() - bytes.data());
  return made;
}

// At most 20 characters, as MSH-10 allows in all versions; the number at its end tells `tombolo receive` the order.
std::string run_name() {
  auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  std::string name;
  for (; seconds > 0; seconds /= 36) name.insert(name.begin(), "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[seconds % 36]);
  return name + "-";
}

LoadMessage renamed(const Template& from, std::string id) {
  LoadMessage message = from.message;
  if (from.id_at == std::string::npos) return message;
  message.bytes.replace(from.id_at, message.control_id.size(), id);
  message.control_id = std::move(id);
  return message;
}

std::string fixed(double number, int digits) {
  std::string text(32, '\0');
  text.resize(static_cast<std::size_t>(std::snprintf(text.data(), text.size(), "%.*f", digits, number)));
  return text;
}

double rate_of(const LoadResult& r) { return r.seconds > 0 ? static_cast<double>(r.sent - r.lost) / r.seconds : 0; }

std::uint64_t of_code(const LoadResult& r, const std::string& code) {
  const auto found = r.codes.find(code);
  return found == r.codes.end() ? 0 : found->second;
}

const std::vector<std::string> known_codes{"AA", "AE", "AR", "CA", "CE", "CR"};

void print(const LoadResult& r, std::ostream& out) {
  out << "sent " << r.sent;
  for (const auto& [code, n] : r.codes) out << "  " << (code.empty() ? "(no code)" : code) << " " << n;
  out << "  mismatches " << r.mismatches << "  lost " << r.lost;
  if (r.silent > 0) out << "  want no reply " << r.silent;
  if (r.unsent > 0) out << "  unsent " << r.unsent;
  out << "\n"
      << fixed(rate_of(r), 1) << " msgs/s  p50 " << fixed(r.p50, 2) << " ms  p95 " << fixed(r.p95, 2) << " ms  p99 "
      << fixed(r.p99, 2) << " ms\n";
}

void print_json(const LoadResult& r, std::ostream& out) {
  std::string text;
  JsonWriter json(text);
  const auto number = [&](std::string_view name, std::uint64_t n) { json.member(name, static_cast<std::int64_t>(n)); };
  const auto decimal = [&](std::string_view name, double n) { json.key(name), json.literal(fixed(n, 3)); };
  json.begin_object();
  number("sent", r.sent);
  for (const auto& code : known_codes) number(code, of_code(r, code));
  number("mismatches", r.mismatches);
  number("lost", r.lost);
  number("silent", r.silent);
  number("unsent", r.unsent);
  decimal("seconds", r.seconds);
  decimal("msgs_per_s", rate_of(r));
  decimal("p50_ms", r.p50);
  decimal("p95_ms", r.p95);
  decimal("p99_ms", r.p99);
  json.end_object();
  out << text << "\n";
}

std::optional<tls::Options> tls_of(const SendOptions& options) {
  if (!options.tls && options.ca.empty() && options.certificate.empty()) return std::nullopt;
  tls::Options tls;
  tls.part = tls::Part::client;
  tls.ca = options.ca;
  tls.certificate = options.certificate;
  tls.key = options.key.empty() ? options.certificate : options.key;
  return tls;
}

}  // namespace

int send_command(const SendOptions& options, std::ostream& out, std::ostream& err) {
  const auto address = to_host_port(options.address);
  if (!address || options.connections < 1 || options.pipeline < 1 || options.rate < 0) {
    err << "tombolo send: expected HOST:PORT such as 127.0.0.1:2575, and numbers above 0\n";
    return 2;
  }
  std::vector<Template> templates;
  try {
    for (const auto& path : all_files(options.files)) templates.push_back(read_template(path));
  } catch (const std::exception& wrong) {
    err << "tombolo send: " << wrong.what() << "\n";
    return 2;
  }
  if (templates.empty()) {
    err << "tombolo send: no files to send\n";
    return 2;
  }
  const std::uint64_t count = options.count > 0 ? options.count : templates.size();
  const bool again = count > templates.size();
  const std::string name = run_name();
  mllp::LoadOptions how{*address, options.connections, options.pipeline, options.rate, options.timeout, tls_of(options)};
  try {
    const LoadResult r = mllp::load(how, count, [&](std::uint64_t n) {
      const Template& next = templates[n % templates.size()];
      return again ? renamed(next, name + std::to_string(n + 1)) : next.message;
    });
    if (options.json) print_json(r, out);
    else print(r, out);
    const std::uint64_t yes = of_code(r, "AA") + of_code(r, "CA");
    std::uint64_t replies = 0;
    for (const auto& [code, n] : r.codes) replies += n;
    return yes == replies && r.mismatches + r.lost + r.unsent == 0 ? 0 : 1;
  } catch (const std::exception& wrong) {
    err << "tombolo send: cannot connect to " << options.address << ": " << wrong.what() << "\n";
    return 3;
  }
}

void add_send(CLI::App& app, Desk& desk) {
  const auto options = std::make_shared<SendOptions>();
  const auto timeout = std::make_shared<std::string>("30s");
  auto* const send = app.add_subcommand("send", "send HL7 v2 messages over MLLP and check the replies");
  send->add_option("address", options->address, "HOST:PORT")->required();
  send->add_option("files", options->files, "files or folders; a file is one frame, as it is")
      ->required()
      ->check(CLI::ExistingPath);
  send->add_option("--connections", options->connections, "connections at once")->check(CLI::Range(1, 4096));
  send->add_option("--count", options->count,
                   "how many; over the number of files each message gets an MSH-10 of its own");
  send->add_option("--pipeline", options->pipeline, "unanswered messages on a connection")->check(CLI::Range(1, 4096));
  send->add_option("--rate", options->rate, "messages a second, over all connections")->check(CLI::NonNegativeNumber);
  send->add_option("--timeout", *timeout, "for each reply: 30s, 500ms");
  send->add_flag("--tls", options->tls, "under TLS; the files below imply it");
  send->add_option("--ca", options->ca, "who signed the receiver's certificate, PEM (default: the system's roots)")->check(CLI::ExistingFile);
  send->add_option("--certificate", options->certificate, "our own certificate, PEM")->check(CLI::ExistingFile);
  send->add_option("--key", options->key, "its key, PEM (default: in the certificate's file)")->check(CLI::ExistingFile);
  send->add_flag("--json", options->json, "the result as one JSON object");
  send->callback([options, timeout, &desk] {
    const auto limit = to_duration(*timeout);
    if (!limit) throw CLI::ValidationError("--timeout", "expected a time such as 30s or 500ms");
    options->timeout = *limit;
    desk.status = send_command(*options, desk.out, desk.err);
  });
}

}  // namespace tombolo
