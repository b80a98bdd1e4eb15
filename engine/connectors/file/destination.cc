#include <algorithm>
#include <optional>
#include <utility>

#include "engine/base/json.h"
#include "engine/base/text.h"
#include "engine/connectors/file/file.h"
#include "engine/connectors/file/names.h"
#include "engine/connectors/file/writer.h"

namespace tombolo {
namespace {

enum class As { ndjson, message, hl7 };

struct Options {
  std::optional<NameTemplate> path;
  As as = As::ndjson;
  bool sync = true;
};

Options read(const Setting& block, Diagnostics& diagnostics) {
  Reader reader(block, "file destination", diagnostics);
  Options o;
  const auto parsed = NameTemplate::parse(reader.required("path"));
  if (parsed) o.path = *parsed;
  else if (reader.has("path")) reader.error("path", parsed.error().what);
  const std::string as = reader.one_of("as", {"ndjson", "message", "hl7"}, "ndjson");
  o.as = as == "message" ? As::message : as == "hl7" ? As::hl7 : As::ndjson;
  o.sync = reader.flag("sync", true);
  if (o.path && o.as == As::message && !o.path->uses("id")) {
    reader.error("path", "'as: message' needs {id} in the path: two messages must never have the same file");
  }
  reader.finish();
  return o;
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto byte = [&](std::size_t k) {
      return i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0u;
    };
    const unsigned three = byte(0) << 16 | byte(1) << 8 | byte(2);
    out += digits[three >> 18];
    out += digits[three >> 12 & 63];
    out += i + 1 < bytes.size() ? digits[three >> 6 & 63] : '=';
    out += i + 2 < bytes.size() ? digits[three & 63] : '=';
  }
  return out;
}

// JSON as it is, on one line (inside its strings no line end can stand); anything else as a member of an object.
std::string line(const Envelope& e) {
  std::string out;
  if (e.content_type.find("json") != std::string_view::npos) {
    out = trim(e.bytes);
    std::replace_if(
        out.begin(), out.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  } else {
    JsonWriter json(out);
    json.begin_object();
    json.member("id", e.id);
    if (valid_utf8(e.bytes)) json.member("message", e.bytes);
    else json.member("message_base64", base64(e.bytes));
    json.end_object();
  }
  out += '\n';
  return out;
}

// A message as it is, its last segment ended, and a line feed: what splits at MSH reads it again, byte for byte.
std::string paragraph(const Envelope& e) {
  std::string out(e.bytes);
  if (!out.ends_with('\r') && !out.ends_with('\n')) out += '\r';
  out += '\n';
  return out;
}

class FileDestination final : public Destination {
 public:
  FileDestination(Options options, std::unique_ptr<Disk> disk, const Edges& edges)
      : options_(std::move(options)), writer_(std::move(disk), options_.sync, edges.executor) {}

  boost::asio::awaitable<Sent> send(const Envelope& envelope) override {
    co_await writer_.write(job(envelope));
    Sent sent;
    sent.code = "written";
    sent.accepted = true;
    co_return sent;
  }

  int connections() const override { return 64; }  // they share one sync

 private:
  FileWriter::Job job(const Envelope& e) const {
    FileWriter::Job made;
    made.path = options_.path->of(e);
    made.alone = options_.as == As::message;
    made.bytes = made.alone ? std::string(e.bytes) : options_.as == As::hl7 ? paragraph(e) : line(e);
    made.id = e.id;
    if (options_.as == As::hl7) made.seam = "\r\n";  // a message that somebody put there may have no line feed
    return made;
  }

  Options options_;
  FileWriter writer_;
};

}  // namespace

DestinationPlug file_destination_on(std::function<std::unique_ptr<Disk>()> disk) {
  return {
      "file",
      "appends to files or makes one file a message, safe on disk before it counts as delivered",
      "file: { path: \"out/{date}.ndjson\", as: ndjson, sync: true }\n",
      {{"path", "template", "required",
        "the file: {date} {hour} {channel} {id} {control_id} {type}; relative to the working folder"},
       {"as", "ndjson, message or hl7", "ndjson", "a line of JSON each, a file each, or messages one after the other"},
       {"sync", "truth", "true", "wait until it is on disk; false loses the last seconds in a power cut"}},
      [disk](const Setting& block, const std::string&, Diagnostics& diagnostics,
             const Edges* edges) -> std::unique_ptr<Destination> {
        auto options = read(block, diagnostics);
        if (!edges || diagnostics.failed()) return nullptr;
        return std::make_unique<FileDestination>(std::move(options), disk(), *edges);
      }};
}

DestinationPlug file_destination() { return file_destination_on(real_disk); }

}  // namespace tombolo
