#include "engine/base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <mutex>

#include "engine/base/json.h"

namespace tombolo {

// spdlog owns the writing to stderr; a function may stand in for it.
struct Log::Sink {
  explicit Sink(Out given) : out(std::move(given)) {
    if (out) return;
    stderr_.set_pattern("%v");
  }
  void write(std::string_view line) {
    if (!out) {
      stderr_.log(spdlog::details::log_msg("", spdlog::level::info, spdlog::string_view_t(line.data(), line.size())));
      return;
    }
    const std::lock_guard lock(mutex);
    out(line);
  }
  Out out;
  std::mutex mutex;
  spdlog::sinks::stderr_sink_mt stderr_;
};

namespace {

// A value without blanks and quotes stands bare; others in quotes, escaped: a line stays one line.
void append_value(std::string& out, std::string_view value) {
  const bool bare = !value.empty() && value.find_first_of(" \t\r\n\"\\=") == std::string_view::npos;
  if (bare) out += value;
  else append_json_string(out, value);
}

std::string as_text(Time at, const Event& event, std::initializer_list<Field> fields) {
  std::string line = iso8601(at) + " " + std::string(name(event.level)) + " " + std::string(event.code) + " " + std::string(event.text);
  for (const auto& [key, value] : fields) {
    line += ' ';
    line += key;
    line += '=';
    append_value(line, value);
  }
  return line;
}

std::string as_json(Time at, const Event& event, std::initializer_list<Field> fields) {
  std::string line;
  JsonWriter json(line);
  json.begin_object();
  json.member("time", iso8601(at));
  json.member("level", name(event.level));
  json.member("code", event.code);
  json.member("text", event.text);
  for (const auto& [key, value] : fields) json.member(key, value);
  json.end_object();
  return line;
}

}  // namespace

std::string_view name(Level level) {
  switch (level) {
    case Level::debug: return "debug";
    case Level::info: return "info";
    case Level::warning: return "warning";
    case Level::error: return "error";
  }
  return "info";
}

Log::Log(Style style, Level least, std::function<Time()> now, Out out)
    : style_(style), least_(least), now_(now ? std::move(now) : real_world().now), sink_(std::make_unique<Sink>(std::move(out))) {}

Log::~Log() = default;

void Log::operator()(const Event& event, std::initializer_list<Field> fields) const {
  if (!wants(event.level)) return;
  const Time at = now_();
  sink_->write(style_ == Style::json ? as_json(at, event, fields) : as_text(at, event, fields));
}

}  // namespace tombolo
