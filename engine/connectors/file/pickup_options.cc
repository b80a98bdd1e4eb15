#include <fnmatch.h>

#include <algorithm>

#include "engine/base/text.h"
#include "engine/connectors/file/pickup.h"

namespace tombolo {
namespace {

constexpr Duration shortest_look = std::chrono::milliseconds(50);
constexpr std::string_view unfinished[] = {".tmp", ".part", ".partial", ".filepart", ".crdownload"};

// A folder for what was taken: below the folder it is taken from, or beside it, never the same.
std::string read_place(Reader& reader, std::string_view key, std::string otherwise) {
  std::string path = reader.text(key, otherwise);
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  if (path.empty() || path == "." || path == "/") reader.error(key, "expected another folder than the one that is watched");
  return path;
}

void read_after(Reader& reader, PickupOptions& o) {
  const std::string after = reader.one_of("after", {"move", "delete", "keep"}, "move");
  o.after = after == "delete" ? PickupOptions::After::remove
            : after == "keep" ? PickupOptions::After::keep
                              : PickupOptions::After::move;
  o.done = read_place(reader, "done", o.done);
  o.failed = read_place(reader, "failed", o.failed);
  o.memory = reader.text("memory");
  if (reader.has("done") && after != "move") reader.error("done", "'done' is for 'after: move'");
  if (reader.has("failed") && after == "keep") reader.error("failed", "with 'after: keep' everything stays, what fails too");
  if (after == "keep" && o.memory.empty())
    reader.error("memory", "'after: keep' needs 'memory': a file of this machine in which the engine remembers what it took");
  if (after != "keep" && reader.has("memory")) reader.error("memory", "'memory' is for 'after: keep'");
  if (after == "move" && o.done == o.failed) reader.error("failed", "'done' and 'failed' are two folders");
}

}  // namespace

PickupOptions read_pickup(Reader& reader) {
  PickupOptions o;
  if (reader.has("pattern")) o.patterns = reader.texts("pattern");
  for (const auto& pattern : o.patterns) {
    if (pattern.empty() || pattern.find('/') != std::string::npos)
      reader.error("pattern", "expected a pattern of names such as \"*.hl7\", without /; found '" + pattern + "'");
  }
  o.by_time = reader.one_of("order", {"name", "time"}, "name") == "time";
  o.stable = reader.duration("stable", o.stable);
  o.every = reader.duration("every", o.every);
  if (o.every < shortest_look) reader.error("every", "expected at least 50ms");
  o.max_message = reader.bytes("max_message", o.max_message);
  read_after(reader, o);
  return o;
}

std::vector<SettingSpec> pickup_settings() {
  return {{"pattern", "list of patterns", "*", "which names: * ? [abc]; never what begins with a dot or is named .tmp, .part"},
          {"order", "name or time", "name", "which goes first of those that are there"},
          {"stable", "duration", "2s", "so long a file must stand unchanged; 0s where files are renamed into the folder"},
          {"every", "duration", "5s", "how often it is looked, even if nothing is heard"},
          {"after", "move, delete or keep", "move", "what becomes of a file that is taken"},
          {"done", "path", "done", "where it is moved to, counted from the folder"},
          {"failed", "path", "failed", "where it is moved to when it is refused, with NAME.error beside it"},
          {"memory", "path", "required with keep", "where the engine remembers what it took"},
          {"max_message", "size", "64MiB", "longer files are refused; a batch counts as a whole"}};
}

bool is_wanted(const PickupOptions& options, std::string_view name) {
  const std::string text(name);
  const bool writing = std::any_of(std::begin(unfinished), std::end(unfinished), [&](auto end) { return name.ends_with(end); });
  return !writing && std::any_of(options.patterns.begin(), options.patterns.end(), [&](const std::string& pattern) {
    return ::fnmatch(pattern.c_str(), text.c_str(), FNM_PERIOD) == 0;
  });
}

}  // namespace tombolo
