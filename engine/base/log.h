// Log: structured lines on stderr, as text or as JSON lines. Each line has a stable event code that `tombolo describe CODE`
// explains. Lines carry channel, parcel and counts; never a byte of a message.
#pragma once

#include <atomic>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "engine/base/time.h"

namespace tombolo {

enum class Level { debug, info, warning, error };
std::string_view name(Level level);

// One kind of line. All of them stand in engine/base/events.h.
struct Event {
  std::string_view code;   // "T2001": stable for ever
  Level level;
  std::string_view text;   // what happened, without the particulars
  std::string_view help;   // what it means and what to do
};

using Field = std::pair<std::string_view, std::string>;

class Log {
 public:
  enum class Style { text, json };
  using Out = std::function<void(std::string_view line)>;  // called under a lock, one whole line with its end

  // out: empty writes to stderr.
  explicit Log(Style style = Style::text, Level least = Level::info, std::function<Time()> now = {}, Out out = {});
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  // Safe from any thread.
  void operator()(const Event& event, std::initializer_list<Field> fields = {}) const;
  bool wants(Level level) const { return level >= least_.load(std::memory_order_relaxed); }
  void set_least(Level level) { least_.store(level); }  // while running

 private:
  struct Sink;
  Style style_;
  std::atomic<Level> least_;
  std::function<Time()> now_;
  std::unique_ptr<Sink> sink_;
};

}  // namespace tombolo
