// Checkpointer: copies the write-ahead log into the database on a thread and a connection of its own, so that no commit
// waits for it.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include "engine/store/sqlite.h"

namespace tombolo::store {

class Checkpointer {
 public:
  Checkpointer(const std::string& path, const std::string& vfs);
  ~Checkpointer();

  void wake(std::int64_t pages);  // so many are in the log; does nothing if few came since the last copy

 private:
  void run();

  Database database_;
  std::mutex mutex_;              // guards the two below
  bool wanted_ = false, closing_ = false;
  std::condition_variable wake_;
  std::int64_t copied_at_ = 0;    // the writer's
  std::thread thread_;
};

}  // namespace tombolo::store
