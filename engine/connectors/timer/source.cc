#include <algorithm>
#include <optional>
#include <utility>

#include "engine/base/events.h"
#include "engine/base/files.h"
#include "engine/base/zone.h"
#include "engine/connectors/await.h"
#include "engine/connectors/timer/timer.h"

namespace tombolo {
namespace {

constexpr Duration shortest = std::chrono::milliseconds(100);
constexpr Duration between_tries = std::chrono::seconds(5);
constexpr Duration longest_sleep = std::chrono::minutes(1);   // a clock that is put right is noticed by then

struct Options {
  std::string message;              // with {time} and {id}
  std::string file;                 // read at each time, in place of message
  Duration every{};
  std::vector<int> at;              // minutes of the day, ascending
  std::optional<Zone> zone;
};

Options read(const Setting& block, Diagnostics& diagnostics) {
  Reader reader(block, "timer source", diagnostics);
  Options o;
  o.message = reader.text("message");
  o.file = reader.text("file");
  if (o.message.empty() == o.file.empty()) reader.error("message", "a timer has either 'message', its text, or 'file', where its text stands");
  if (reader.has("every")) {
    o.every = reader.duration("every", Duration(0));
    if (o.every < shortest) reader.error("every", "expected at least 100ms");
  }
  for (const auto& text : reader.texts("at")) {
    const auto minute = to_minute_of_day(text);
    if (minute && *minute < 24 * 60) o.at.push_back(*minute);
    else reader.error("at", "expected a time of day such as \"06:00\", found '" + text + "'");
  }
  std::sort(o.at.begin(), o.at.end());
  if (reader.has("every") == reader.has("at")) reader.error("every", "a timer has either 'every', a duration, or 'at', times of day");
  if (const std::string name = reader.text("zone"); !name.empty()) {
    o.zone = Zone::find(name);
    if (!o.zone) reader.error("zone", "expected an offset from UTC such as +01:00, or a place such as Europe/Berlin, found '" + name + "'");
  } else if (reader.has("at")) {
    reader.error("zone", "times of day need a 'zone': whose wall clock is meant?");
  }
  reader.finish();
  return o;
}

// The first time after `now`. `every` counts from midnight UTC of 1970, so that a restart shifts nothing.
Time next_time(const Options& o, Time now) {
  if (o.every > Duration(0)) return from_micros((micros(now) / o.every.count() + 1) * o.every.count());
  const Time begin = std::chrono::floor<std::chrono::minutes>(now) + std::chrono::minutes(1);
  for (int minute = 0; minute < 3 * 24 * 60; ++minute) {
    const Time t = begin + std::chrono::minutes(minute);
    const auto local = t + o.zone->offset_at(t);
    const auto of_day = std::chrono::floor<std::chrono::minutes>(local - std::chrono::floor<std::chrono::days>(local));
    if (std::binary_search(o.at.begin(), o.at.end(), static_cast<int>(of_day.count()))) return t;
  }
  return begin + std::chrono::days(1);  // a time that the clock jumped over
}

void put(std::string& text, std::string_view name, std::string_view value) {
  for (auto at = text.find(name); at != std::string::npos; at = text.find(name, at + value.size())) text.replace(at, name.size(), value);
}

class TimerSource final : public Source {
 public:
  TimerSource(Options options, std::string channel, Edges edges)
      : options_(std::move(options)), channel_(std::move(channel)), edges_(std::move(edges)), bell_(edges_.executor) {}

  void open() override {}
  std::string address() const override { return "a timer"; }

  net::awaitable<void> run(Receive receive) override {
    while (!stopping_) {
      const Time due = next_time(options_, edges_.world.now());
      auto sleeping = sleep_until(due);
      co_await std::move(sleeping);
      for (bool taken = false; !stopping_ && !taken;) {
        auto sending = tick(receive, due);
        taken = co_await std::move(sending);
        if (taken) continue;
        auto pausing = sleep_until(edges_.world.now() + between_tries);
        co_await std::move(pausing);
      }
    }
  }

  void stop() override {
    stopping_ = true;
    bell_.ring();
  }

  std::vector<Count> counts() const override { return {{"ticks", ticks_}}; }

 private:
  net::awaitable<void> sleep_until(Time due) {
    for (Time now = edges_.world.now(); !stopping_ && now < due; now = edges_.world.now())
      co_await bell_.wait_for(std::min(longest_sleep, Duration(due - now)));
  }

  // False: it could not be kept, and is to be tried again.
  net::awaitable<bool> tick(const Receive& receive, Time due) {
    Parcel parcel;
    parcel.channel = channel_;
    parcel.peer = "timer";
    parcel.received_at = edges_.world.now();
    parcel.repeat = "timer " + iso8601(due);
    try {
      parcel.bytes = options_.file.empty() ? options_.message : read_file(options_.file);
    } catch (const std::exception& unreadable) {
      (*edges_.log)(event::channel_failed, {{"channel", channel_}, {"reason", unreadable.what()}});
      co_return false;
    }
    put(parcel.bytes, "{time}", hl7_time(parcel.received_at));
    put(parcel.bytes, "{id}", edges_.world.new_id());
    auto receiving = receive(std::move(parcel));
    const Reply reply = co_await std::move(receiving);
    if (reply.taken != Taken::not_now) ++ticks_;
    co_return reply.taken != Taken::not_now;
  }

  Options options_;
  std::string channel_;
  Edges edges_;
  Bell bell_;
  std::uint64_t ticks_ = 0;
  bool stopping_ = false;
};

}  // namespace

SourcePlug timer_source() {
  return {"timer",
          "makes a message of its own at regular times",
          "timer: { at: [\"06:00\", \"18:00\"], zone: Europe/Berlin, message: \"MSH|^~\\\\&|HUB|HOUSE|LAB|HOUSE|{time}||QRY^Q01|{id}|P|2.3\" }\n",
          {{"message", "text", "", "the message; {time} is the moment (20261123154152.123+0000), {id} an id nobody had before"},
           {"file", "path", "", "where the message stands, in place of `message`; read each time"},
           {"every", "duration", "", "so often, counted from midnight UTC"},
           {"at", "list", "", "times of day, in place of `every`"},
           {"zone", "text", "required with at", "whose wall clock: Europe/Berlin, +01:00"}},
          [](const Setting& block, const std::string& channel, Diagnostics& diagnostics, const Edges* edges) -> std::unique_ptr<Source> {
            auto options = read(block, diagnostics);
            if (!edges || diagnostics.failed()) return nullptr;
            return std::make_unique<TimerSource>(std::move(options), channel, *edges);
          }};
}

}  // namespace tombolo
