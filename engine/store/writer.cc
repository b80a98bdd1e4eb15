#include "engine/store/writer.h"

#include <sys/statvfs.h>

#include <boost/asio/post.hpp>

#include <algorithm>

namespace tombolo::store {
namespace {

using namespace std::chrono_literals;
using Batch = std::vector<std::unique_ptr<Task>>;

std::exception_ptr error(Error::Reason reason, const char* what) { return std::make_exception_ptr(Error(reason, what)); }

// One post for each executor there is among them (mostly one).
void finish(Batch batch) {
  while (!batch.empty()) {
    const auto executor = batch.front()->executor();
    const auto others = std::stable_partition(batch.begin(), batch.end(), [&](const auto& t) { return t->executor() == executor; });
    Batch rest(std::make_move_iterator(others), std::make_move_iterator(batch.end()));
    batch.erase(others, batch.end());
    boost::asio::post(executor, [done = std::move(batch)] {
      for (const auto& task : done) task->finish();
    });
    batch = std::move(rest);
  }
}

}  // namespace

bool too_little(std::uint64_t free, std::uint64_t total, std::uint64_t min_free) {
  return free < std::min(min_free, total / 20);
}

Writer::Writer(std::unique_ptr<Database> database, std::string folder, const Options& options, const World& world)
    : folder_(std::move(folder)),
      options_(options),
      database_(std::move(database)),
      ledger_(*database_, options.max_body),
      indexing_(*database_),
      pruning_(*database_, options, world),
      checkpointer_(folder_ + "/tombolo.db", options.vfs),
      name_(ledger_.name()),
      page_size_(database_->number("pragma page_size")),
      next_restart_(static_cast<std::int64_t>(options.wal_limit) / page_size_),
      thread_([this] { run(); }) {}

void Writer::push(std::unique_ptr<Task> task) {
  {
    const std::lock_guard lock(mutex_);
    if (!closing_) {
      waiting_.push_back(std::move(task));
      if (waiting_.size() == 1) wake_.notify_one();
      return;
    }
  }
  task->fail(error(Error::Reason::closed, "store: closed"));
  Batch alone;
  alone.push_back(std::move(task));
  finish(std::move(alone));
}

void Writer::close() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

std::chrono::milliseconds Writer::patience() const {
  if (pruning_.busy() || indexing_.busy()) return 5ms;
  return database_->log_pages() > 0 ? 1000ms : 30'000ms;
}

Writer::Batch Writer::next() {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, patience(), [this] { return !waiting_.empty() || closing_; });
  return std::exchange(waiting_, {});
}

void Writer::run() {
  for (;;) {
    Batch batch = next();
    if (batch.empty()) {
      const std::lock_guard lock(mutex_);
      if (closing_ && waiting_.empty()) return;
    }
    std::vector<Task*> changes;
    for (const auto& task : batch) {
      if (task->kind() != Task::Kind::reading) changes.push_back(task.get());
    }
    if (disk_short()) refuse_intake(changes);
    if (!changes.empty()) carry_out(changes);
    for (const auto& task : batch) {
      if (task->kind() != Task::Kind::reading) continue;
      try {
        task->work(ledger_);
      } catch (...) {
        task->fail(std::current_exception());
      }
    }
    const bool idle = batch.empty();
    finish(std::move(batch));
    keep_house(idle);
  }
}

void Writer::in_one_transaction(const std::vector<Task*>& changes) {
  Transaction t(*database_);
  if (std::exchange(stale_, true)) ledger_.rolled_back();
  for (Task* task : changes) task->work(ledger_);
  t.commit();
  stale_ = false;
  commits_.fetch_add(1, std::memory_order_relaxed);
}

// All or nothing; then, if one request alone was to blame, each for itself; if the disk is full, those that finish work
// without the new arrivals.
void Writer::carry_out(const std::vector<Task*>& changes) {
  std::exception_ptr failure;
  bool specific = true, full = false;
  try {
    return in_one_transaction(changes);
  } catch (const SqlError& e) {
    failure = std::current_exception();
    specific = e.specific();
    full = e.reason() == Error::Reason::full;
  } catch (...) {
    failure = std::current_exception();
  }
  if (specific && changes.size() > 1) {
    for (Task* task : changes) carry_out({task});
    return;
  }
  std::vector<Task*> rest = changes;
  if (full) refuse_intake(rest);
  if (!rest.empty() && rest.size() < changes.size()) return carry_out(rest);
  for (Task* task : rest) task->fail(failure);
}

void Writer::refuse_intake(std::vector<Task*>& changes) {
  const auto refuse = [](Task* task) {
    if (task->kind() != Task::Kind::intake) return false;
    task->fail(error(Error::Reason::full, "store: the disk is full"));
    return true;
  };
  std::erase_if(changes, refuse);
}

bool Writer::disk_short() {
  const auto now = std::chrono::steady_clock::now();
  if (now - looked_ < 1s) return short_;
  looked_ = now;
  struct statvfs disk {};
  short_ = ::statvfs(folder_.c_str(), &disk) == 0 &&
           too_little(disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize, options_.min_free);
  return short_;
}

void Writer::keep_house(bool idle) {
  constexpr std::int64_t worth_copying = 4 << 20;  // bytes
  try {
    const std::int64_t limit = static_cast<std::int64_t>(options_.wal_limit) / page_size_, pages = database_->log_pages();
    if (idle && pages > 0 && !pruning_.busy() && !indexing_.busy()) {
      database_->checkpoint(Database::Checkpoint::truncate);
    } else if (pages > next_restart_) {
      // The other thread cannot catch up with what is written meanwhile; with no commit under way this one can. A reader
      // (find, show) may still stand in the way: then again a little later.
      const bool all = database_->checkpoint(Database::Checkpoint::passive);
      next_restart_ = all ? limit : pages + limit / 4;
    } else if (pages * page_size_ > worth_copying) {
      checkpointer_.wake(pages);
    }
    if (pages < limit) next_restart_ = limit;
    indexing_.step(idle);
    // Each step costs a commit: while messages come, they go first.
    const auto now = std::chrono::steady_clock::now();
    if (!idle && now - pruned_ < 20ms) return;
    pruned_ = now;
    pruning_.step();
  } catch (const std::exception&) {
    // Nobody waits for this: it comes round again, and whoever commits next is told what is wrong.
  }
}

}  // namespace tombolo::store
