#include "engine/service/service.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/thread_pool.hpp>

#include <sys/random.h>

#include <atomic>
#include <csignal>
#include <optional>
#include <fstream>
#include <thread>

#include "engine/base/events.h"
#include "engine/base/text.h"
#include "engine/flow/flow.h"
#include "engine/flow/misses.h"
#include "engine/service/control.h"
#include "engine/service/plans.h"
#include "engine/service/tables.h"

namespace tombolo {
namespace {

namespace fs = std::filesystem;

// What the watcher compares: names, sizes and times of the files that plans are made from.
void look_at(const fs::directory_entry& entry, std::string& seen) {
  std::error_code wrong;
  if (!entry.is_regular_file(wrong) || unfinished(entry.path())) return;
  seen += entry.path().string() + ' ' + std::to_string(entry.file_size(wrong)) + ' ' +
          std::to_string(entry.last_write_time(wrong).time_since_epoch().count()) + '\n';
}

std::string look_at(const SiteFolder& folder) {
  std::string seen;
  std::error_code wrong;
  for (const auto& entry : fs::directory_iterator(folder.channels, wrong)) {
    if (entry.path().extension() == ".yaml" || entry.path().extension() == ".yml") look_at(entry, seen);
  }
  for (const auto* part : site_parts) {
    for (const auto& entry : fs::recursive_directory_iterator(folder.site / part, wrong)) look_at(entry, seen);
  }
  return seen;
}

std::size_t worker_count() { return std::max(1u, std::thread::hardware_concurrency() - 1); }

// The site's secret, made at the first start: who knows it can recompute the ids of resources from known numbers.
Uuid site_id(const fs::path& folder) {
  const fs::path file = folder / "site.id";
  std::string known;
  std::ifstream(file) >> known;
  if (const auto id = to_uuid(known)) return *id;
  Uuid made;
  if (getrandom(made.bytes.data(), made.bytes.size(), 0) != static_cast<ssize_t>(made.bytes.size())) throw std::runtime_error("no random bytes");
  const fs::path fresh = folder / "site.id.new";
  std::ofstream(fresh) << text(made) << "\n";
  fs::permissions(fresh, fs::perms::owner_read | fs::perms::owner_write);
  fs::rename(fresh, file);
  return made;
}

class Service {
 public:
  Service(const ServiceOptions& options, Groundwork& ground, const Shelves& shelves, Log& log, const World& world)
      : options_(options), ground_(ground), shelves_(shelves), log_(log), world_(world), workers_(worker_count()) {
    house_.executor = io_.get_executor();
    house_.workers = &workers_;
    house_.log = &log_;
    house_.misses = &misses_;
    house_.world = world_;
  }

  int run(std::ostream& out, std::ostream& errors);

 private:
  bool load(Plans& plans, std::ostream& errors);
  void start(std::shared_ptr<const Plan> plan, std::ostream* out);
  net::awaitable<void> keep_configs(Plans plans);
  net::awaitable<void> watch();
  net::awaitable<void> keep_tables();
  bool note(const Refresh& refresh);
  net::awaitable<void> reload();
  void remove(const std::string& channel);
  net::awaitable<void> await_signals();
  net::awaitable<std::string> answer(std::vector<std::string> words);
  net::awaitable<std::string> resend(std::vector<std::string> words);
  net::awaitable<std::string> release(std::string number);
  net::awaitable<void> walk_again(store::Sequence sequence);
  void stop();

  const ServiceOptions& options_;
  Groundwork& ground_;
  const Shelves& shelves_;
  Log& log_;
  World world_;
  net::io_context io_{1};
  std::optional<net::signal_set> signals_;   // from before the first port is open: who is told to stop then stops as always
  net::thread_pool workers_;
  net::thread_pool fetcher_{1};              // asks databases for tables
  std::unique_ptr<store::Store> store_;
  House house_;
  std::map<std::string, std::shared_ptr<Flow>> flows_;
  std::unique_ptr<Control> control_;
  MissTally misses_;
  TableSchedule tables_;
  std::atomic<bool> fetch_no_more_ = false;
  std::string seen_;
  int running_ = 0;
  bool stopping_ = false;
  bool insisted_ = false;
};

bool Service::load(Plans& plans, std::ostream& errors) {
  Diagnostics found;
  tables_.plan(read_table_sources(ground_.site.site, process_environment(), found));
  if (!found.failed()) {
    for (const auto& source : tables_.due(world_.now())) note(refresh_table(source, ground_.site.site));
  }
  seen_ = look_at(ground_.site);
  plans = load_plans(ground_, shelves_, process_environment(), found);
  errors << found.print() << std::flush;
  return !found.failed();
}

void Service::start(std::shared_ptr<const Plan> plan, std::ostream* out) {
  auto flow = std::make_shared<Flow>(house_, plan);
  flow->open();
  flows_[flow->name()] = flow;
  ++running_;
  auto done = [this, flow](std::exception_ptr failure) {
    --running_;
    if (failure) std::rethrow_exception(failure);
    if (stopping_ && running_ == 0) io_.stop();
  };
  net::co_spawn(io_, flow->run(), done);
  log_(event::channel_started, {{"channel", flow->name()}, {"address", flow->address()}, {"configuration", flow->plan()->config}});
  if (out) *out << "channel " << flow->name() << " listens on " << flow->address() << std::endl;
}

net::awaitable<void> Service::keep_configs(Plans plans) {
  for (const auto& [name, plan] : plans) {
    auto keeping = store_->keep_config(plan->config, plan->config_text);
    co_await std::move(keeping);
  }
}

int Service::run(std::ostream& out, std::ostream& errors) {
  Plans plans;
  const fs::path folder = options_.store.empty() ? ground_.site.site / "store" : options_.store;
  try {
    fs::create_directories(folder);
    fs::permissions(folder, fs::perms::owner_all);
    ground_.site_id = site_id(folder);
    if (!load(plans, errors)) return 1;
    signals_.emplace(io_, SIGINT, SIGTERM);
    store_ = store::open(folder.string(), options_.store_options, world_);
    house_.store = store_.get();
    control_ = std::make_unique<Control>(io_.get_executor(), folder, [this](std::vector<std::string> words) { return answer(std::move(words)); });
    for (const auto& [name, plan] : plans) start(plan, &out);
  } catch (const std::exception& failure) {
    errors << "tombolo: " << failure.what() << std::endl;
    return 3;
  }
  net::co_spawn(io_, keep_configs(plans), must_not_fail);
  net::co_spawn(io_, await_signals(), must_not_fail);
  if (options_.watch > Duration(0)) net::co_spawn(io_, watch(), must_not_fail);
  net::co_spawn(io_, keep_tables(), must_not_fail);
  log_(event::engine_started, {{"channels", std::to_string(flows_.size())}, {"store", folder.string()}});
  io_.run();
  control_->close();
  workers_.stop();
  workers_.join();
  fetch_no_more_ = true;
  fetcher_.stop();
  fetcher_.join();
  if (insisted_) return 0;
  store_->close();
  log_(event::engine_stopped);
  return 0;
}

net::awaitable<void> Service::watch() {
  while (!stopping_) {
    net::steady_timer pause(io_, options_.watch);
    co_await pause.async_wait(as_result);
    std::string now = look_at(ground_.site);
    if (stopping_ || now == seen_) continue;
    seen_ = std::move(now);
    auto reloading = reload();
    co_await std::move(reloading);
  }
}

// What a database gave, told; true: the table has other rows than before.
bool Service::note(const Refresh& refresh) {
  tables_.note(refresh, world_.now());
  if (refresh.result == Refresh::Result::failed) log_(event::table_not_refreshed, {{"table", refresh.table}, {"reason", refresh.reason}});
  if (refresh.result != Refresh::Result::changed) return false;
  log_(event::table_refreshed, {{"table", refresh.table}, {"rows", std::to_string(refresh.rows)}, {"hash", refresh.hash}});
  return true;
}

net::awaitable<Refresh> refresh_elsewhere(TableSource source, fs::path site, const std::atomic<bool>* stop) {
  co_return refresh_table(source, site, stop);
}

// Asks for the tables that are due, on a thread of its own, and takes up what changed.
net::awaitable<void> Service::keep_tables() {
  constexpr auto look_every = std::chrono::milliseconds(250);
  while (!stopping_) {
    net::steady_timer pause(io_, look_every);
    co_await pause.async_wait(as_result);
    bool changed = false;
    for (const auto& source : tables_.due(world_.now())) {
      auto fetching = net::co_spawn(fetcher_, refresh_elsewhere(source, ground_.site.site, &fetch_no_more_), net::use_awaitable);
      const Refresh refresh = co_await std::move(fetching);
      if (stopping_) co_return;
      changed = note(refresh) || changed;
    }
    if (!changed) continue;
    seen_ = look_at(ground_.site);
    auto reloading = reload();
    co_await std::move(reloading);
  }
}

net::awaitable<void> Service::reload() {
  Diagnostics found;
  auto sources = read_table_sources(ground_.site.site, process_environment(), found);
  const Plans plans = load_plans(ground_, shelves_, process_environment(), found);
  if (found.failed()) {
    for (const auto& d : found.list()) log_(event::channel_not_reloaded, {{"place", text(d.place)}, {"error", d.text}});
    co_return;
  }
  tables_.plan(std::move(sources));
  auto keeping = keep_configs(plans);
  co_await std::move(keeping);
  for (const auto& [name, plan] : plans) {
    const auto running = flows_.find(name);
    try {
      if (running == flows_.end()) start(plan, nullptr);
      else if (running->second->plan()->config != plan->config) running->second->replace(plan);
    } catch (const std::exception& failure) {
      log_(event::channel_failed, {{"channel", name}, {"reason", failure.what()}});
    }
  }
  std::vector<std::string> gone;
  for (const auto& [name, flow] : flows_) {
    if (plans.count(name) == 0) gone.push_back(name);
  }
  for (const auto& name : gone) remove(name);
}

void Service::remove(const std::string& channel) {
  flows_.extract(channel).mapped()->stop();  // its coroutine keeps it until what is in hand is done
  log_(event::channel_removed, {{"channel", channel}});
}

net::awaitable<void> Service::await_signals() {
  co_await signals_->async_wait(as_result);
  log_(event::engine_stopping);
  stop();
  net::steady_timer grace(io_, options_.grace);
  grace.async_wait([this](const boost::system::error_code& failure) {
    if (!failure) insisted_ = true, io_.stop();
  });
  co_await signals_->async_wait(as_result);
  insisted_ = true;
  io_.stop();
}

void Service::stop() {
  stopping_ = true;
  fetch_no_more_ = true;
  for (const auto& [name, flow] : flows_) flow->stop();
  if (running_ == 0) io_.stop();
}

net::awaitable<std::string> Service::answer(std::vector<std::string> words) {
  const std::string verb = words.empty() ? "" : words[0];
  if (verb == "resend" && words.size() >= 2) {
    auto sending = resend(std::move(words));
    co_return co_await std::move(sending);
  }
  if (verb == "release" && words.size() == 2) {
    auto releasing = release(std::move(words[1]));
    co_return co_await std::move(releasing);
  }
  if (verb == "resume" && words.size() == 3) {
    const auto flow = flows_.find(words[1]);
    if (flow == flows_.end()) co_return "error: no channel is called " + words[1] + "\n";
    if (!flow->second->resume(words[2])) co_return "error: channel " + words[1] + " has no destination " + words[2] + "\n";
    co_return "ok\n";
  }
  if (verb == "misses") co_return "ok\n" + (words.size() == 2 && words[1] == "json" ? misses_.print_json() : misses_.print());
  if (verb == "tables") co_return "ok\n" + tables_.print();
  if (verb == "log" && words.size() == 2) {
    for (const auto level : {Level::debug, Level::info, Level::warning, Level::error}) {
      if (words[1] == name(level)) {
        log_.set_least(level);
        co_return "ok\n";
      }
    }
  }
  co_return "error: expected resend SEQUENCE [DESTINATION], release SEQUENCE, resume CHANNEL DESTINATION, misses, tables or log LEVEL\n";
}

net::awaitable<std::string> Service::resend(std::vector<std::string> words) {
  const auto sequence = to_integer(words[1]);
  if (!sequence || *sequence < 1) co_return "error: a parcel's number is a whole number above 0\n";
  std::optional<std::string> destination;
  if (words.size() > 2) destination = words[2];
  auto sending = store_->resend(static_cast<store::Sequence>(*sequence), destination, world_.now());
  const std::vector<store::Delivery> deliveries = co_await std::move(sending);
  if (deliveries.empty() && destination) co_return "error: parcel " + words[1] + " has no delivery to " + *destination + "\n";
  if (deliveries.empty()) {  // it never had one: it is walked again by its channel
    auto walking = walk_again(static_cast<store::Sequence>(*sequence));
    co_await std::move(walking);
    co_return "ok\n";
  }
  std::string lines = "ok\n";
  for (const auto& delivery : deliveries) {
    lines += delivery.id + "\n";
    if (const auto flow = flows_.find(delivery.channel); flow != flows_.end()) flow->second->look_again(delivery.destination);
  }
  co_return lines;
}

net::awaitable<std::string> Service::release(std::string number) {
  const auto sequence = to_integer(number);
  if (!sequence || *sequence < 1) co_return "error: a parcel's number is a whole number above 0\n";
  auto releasing = store_->release(static_cast<store::Sequence>(*sequence));
  co_await std::move(releasing);
  auto walking = walk_again(static_cast<store::Sequence>(*sequence));
  co_await std::move(walking);
  co_return "ok\n";
}

// The parcel was set back to `received`: the channel whose it is walks it.
net::awaitable<void> Service::walk_again(store::Sequence sequence) {
  for (const auto& [name, flow] : flows_) {
    auto walking = flow->walk_again(sequence);
    co_await std::move(walking);
  }
}

}  // namespace

int serve(const ServiceOptions& options, Groundwork& ground, const Shelves& shelves, Log& log, const World& world, std::ostream& out,
          std::ostream& errors) {
  return Service(options, ground, shelves, log, world).run(out, errors);
}

}  // namespace tombolo
