// Writer: the one thread that writes. It takes everything that waits, commits it once, and tells all of them with one post
// to their executor. No timer: while a commit runs the next batch gathers. Between batches it keeps house, a few
// milliseconds at a time: keys indexed, the write-ahead log bounded, old content pruned.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "engine/store/checkpoint.h"
#include "engine/store/indexing.h"
#include "engine/store/prune.h"
#include "engine/store/task.h"

namespace tombolo::store {

class Writer {
 public:
  // `database` is used by the thread alone from now on; `folder` is whose file system must have room.
  Writer(std::unique_ptr<Database> database, std::string folder, const Options& options, const World& world);
  ~Writer() { close(); }

  void push(std::unique_ptr<Task> task);            // after close(): fails with Error{closed}
  void close();                                     // commits what waits; returns when the thread has ended
  const std::string& name() const { return name_; }
  std::uint64_t commits() const { return commits_.load(std::memory_order_relaxed); }

 private:
  using Batch = std::vector<std::unique_ptr<Task>>;

  void run();
  Batch next();                                     // empty: time to keep house, or closing
  std::chrono::milliseconds patience() const;
  void carry_out(const std::vector<Task*>& changes);
  void in_one_transaction(const std::vector<Task*>& changes);
  void refuse_intake(std::vector<Task*>& changes);
  void keep_house(bool idle);
  bool disk_short();

  const std::string folder_;
  const Options options_;
  std::unique_ptr<Database> database_;
  Ledger ledger_;
  Indexing indexing_;
  Pruning pruning_;
  Checkpointer checkpointer_;
  const std::string name_;
  const std::int64_t page_size_;
  std::int64_t next_restart_;                       // pages in the log at which it is emptied by this thread
  bool stale_ = false;                              // a transaction was rolled back: the ledger must read its counters again
  bool short_ = false;
  std::chrono::steady_clock::time_point looked_{}, pruned_{};
  std::atomic<std::uint64_t> commits_{0};

  std::mutex mutex_;                                // guards the two below
  Batch waiting_;
  bool closing_ = false;
  std::condition_variable wake_;
  std::thread thread_;
};

// Is less free than asked for, or than 5 % of the disk, whichever is less?
bool too_little(std::uint64_t free, std::uint64_t total, std::uint64_t min_free);

}  // namespace tombolo::store
