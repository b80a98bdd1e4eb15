#include "engine/connectors/file/pickup.h"

#include <boost/system/system_error.hpp>

#include <algorithm>
#include <exception>
#include <map>
#include <set>
#include <utility>

#include "engine/base/events.h"
#include "engine/connectors/await.h"
#include "engine/connectors/errands.h"
#include "engine/connectors/file/stillness.h"
#include "engine/connectors/file/memory.h"

namespace tombolo {
namespace {

using After = PickupOptions::After;
using Clock = std::chrono::steady_clock;

constexpr Duration first_pause = std::chrono::milliseconds(500);
constexpr Duration last_pause = std::chrono::minutes(1);
constexpr Duration breath = std::chrono::milliseconds(20);   // a folder that fills is not listed for each of its files
constexpr std::size_t beginning = 64u << 10;                 // of a file that is too large

// A name that no log, no memory and no terminal can take.
bool is_odd(const std::string& name) {
  return std::any_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

class Pickup final : public Source {
 public:
  Pickup(PickupOptions options, std::unique_ptr<Folder> folder, std::string place, std::string channel, Edges edges)
      : options_(std::move(options)), folder_(std::move(folder)), place_(std::move(place)), channel_(std::move(channel)),
        edges_(std::move(edges)), stillness_(options_.stable), memory_(real_disk(), options_.memory), bell_(edges_.executor),
        errands_(edges_.executor) {}

  void open() override {}  // a folder may come later than the engine: a disk not yet mounted, a server that starts
  std::string address() const override { return place_; }

  net::awaitable<void> run(Receive receive) override {
    receive_ = std::move(receive);
    folder_->watch(edges_.executor, [this] { bell_.ring(); });
    Duration pause = first_pause;
    while (!stopping_) {
      Duration wait = options_.every;
      try {
        auto working = round();
        wait = co_await std::move(working);
        pause = first_pause;
      } catch (const std::exception& failure) {
        ready_ = false;
        say(event::source_unreachable, place_, failure.what());
        wait = pause;
        pause = std::min(pause * 2, last_pause);
      }
      if (!stopping_) co_await bell_.wait_for(wait);
      auto breathing = breathe();
      co_await std::move(breathing);
    }
    folder_->unwatch();
  }

  void stop() override {
    stopping_ = true;
    bell_.ring();
  }

  std::vector<Count> counts() const override {
    return {{"files", files_}, {"refused", refused_}, {"not_kept", not_kept_}, {"bytes", bytes_}};
  }

 private:
  // What remains to be done with a file that was received. why: the reasons when it was refused.
  struct Fate {
    FileEntry entry;
    bool refused = false;
    std::string why;
  };

  // One look at the folder and all that is ready in it; how long to wait before the next.
  net::awaitable<Duration> round() {
    auto looking = errands_.run([this] { return look(); });
    const auto found = co_await std::move(looking);
    std::vector<FileEntry> ready = stillness_.ready(found, Clock::now());
    if (options_.by_time) {
      std::sort(ready.begin(), ready.end(), [](const auto& a, const auto& b) {
        return std::pair(a.changed, std::string_view(a.name)) < std::pair(b.changed, std::string_view(b.name));
      });
    } else {
      std::sort(ready.begin(), ready.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    }
    std::erase_if(fates_, [&](const auto& fate) {  // somebody else took it away, or put another one in its place
      return std::find(found.begin(), found.end(), fate.second.entry) == found.end();
    });
    for (const auto& entry : ready) {
      if (stopping_) break;
      auto going = one(entry);
      if (!co_await std::move(going)) co_return first_pause;
    }
    if (!stillness_.next()) co_return options_.every;
    co_return std::clamp(std::chrono::duration_cast<Duration>(*stillness_.next() - Clock::now()), breath, options_.every);
  }

  // On the errands' thread.
  std::vector<FileEntry> look() {
    if (!ready_) {
      if (options_.after == After::move) folder_->prepare(options_.done);
      if (options_.after != After::keep) folder_->prepare(options_.failed);
      else memory_.load();
      ready_ = true;
    }
    auto found = folder_->list([this](std::string_view name) { return is_wanted(options_, name); });
    if (options_.after == After::keep) {
      memory_.tidy(found);
      std::erase_if(found, [this](const auto& entry) { return memory_.has(entry); });
    }
    return found;
  }

  // False: nothing can be kept now, so it is of no use to go on.
  net::awaitable<bool> one(FileEntry entry) {
    if (is_odd(entry.name)) {
      if (complained_.insert(entry.name).second)
        say(event::source_failed, place_, "the name of a file has control characters; it is left where it is");
      co_return true;
    }
    try {
      if (fates_.count(entry.name) == 0) {
        auto taking = take(entry);
        const auto kept = co_await std::move(taking);
        if (!kept) co_return false;
        if (fates_.count(entry.name) == 0) co_return true;
      }
      auto ending = errands_.run([this, entry] { finish(fates_.at(entry.name)); });
      co_await std::move(ending);
      fates_.erase(entry.name);
      complained_.erase(entry.name);
    } catch (const std::exception& failure) {
      if (complained_.insert(entry.name).second) say(event::source_failed, entry.name, failure.what());
    }
    co_return true;
  }

  // Reads the file and hands it over; what is then to be done with it is in fates_. False: it could not be kept.
  net::awaitable<bool> take(FileEntry entry) {
    const bool too_large = entry.size > options_.max_message;
    auto reading = errands_.run([this, entry, too_large] { return folder_->read(entry, too_large ? beginning : options_.max_message); });
    auto bytes = co_await std::move(reading);
    if (!bytes) {
      stillness_.begin_again(entry.name);
      co_return true;
    }
    Parcel parcel;
    parcel.channel = channel_;
    parcel.peer = entry.name;
    parcel.received_at = edges_.world.now();
    parcel.repeat = "file " + entry.name + " " + std::to_string(entry.size) + " " + std::to_string(entry.changed);
    parcel.too_large = too_large;
    parcel.bytes = std::move(*bytes);
    auto receiving = receive_(std::move(parcel));
    const Reply reply = co_await std::move(receiving);
    if (reply.taken == Taken::not_now) {
      ++not_kept_;
      co_return false;
    }
    const bool refused = reply.taken == Taken::refused;
    ++files_;
    bytes_ += entry.size;
    refused_ += refused;
    if (refused) say(event::source_set_aside, entry.name, options_.after == After::keep ? "it stays where it is" : options_.failed);
    fates_[entry.name] = Fate{entry, refused, reply.why};
    co_return true;
  }

  // On the errands' thread.
  void finish(const Fate& fate) {
    const std::string& name = fate.entry.name;
    if (options_.after == After::keep) return memory_.add(fate.entry);
    if (fate.refused) return set_aside(fate);
    if (options_.after == After::remove) return folder_->remove(name);
    folder_->rename(name, free_path(options_.done, name));
  }

  // The reasons first: a crash in between leaves them without the file, which is then refused again.
  void set_aside(const Fate& fate) {
    const std::string path = free_path(options_.failed, fate.entry.name);
    std::string text = "refused " + iso8601(edges_.world.now()) + " by channel " + channel_ + "\n" + fate.why;
    if (!text.ends_with('\n')) text += '\n';
    folder_->place(path + ".error", text);
    folder_->rename(fate.entry.name, path);
  }

  std::string free_path(const std::string& folder, const std::string& name) {
    std::string path = folder + "/" + name;
    for (int n = 2; folder_->exists(path); ++n) path = folder + "/" + name + "." + std::to_string(n);
    return path;
  }

  net::awaitable<void> breathe() {
    if (stopping_) co_return;
    net::steady_timer timer(edges_.executor, breath);
    co_await timer.async_wait(as_result);
  }

  void say(const Event& what, const std::string& peer, const std::string& detail) const {
    if (edges_.log) (*edges_.log)(what, {{"channel", channel_}, {"peer", peer}, {"detail", detail}});
  }

  

  const PickupOptions options_;
  const std::unique_ptr<Folder> folder_;  // the errands' thread's, as the next two
  const std::string place_;
  const std::string channel_;
  const Edges edges_;
  Receive receive_;
  Stillness stillness_;
  Memory memory_;
  bool ready_ = false;
  std::map<std::string, Fate> fates_;     // received and not yet out of the way, by name
  std::set<std::string> complained_;      // said in the log already
  std::uint64_t files_ = 0, refused_ = 0, not_kept_ = 0, bytes_ = 0;
  Bell bell_;
  bool stopping_ = false;
  Errands errands_;                       // last: its thread uses the others
};

}  // namespace

std::unique_ptr<Source> make_pickup(PickupOptions options, std::unique_ptr<Folder> folder, std::string place, std::string channel,
                                    Edges edges) {
  return std::make_unique<Pickup>(std::move(options), std::move(folder), std::move(place), std::move(channel), std::move(edges));
}

}  // namespace tombolo
