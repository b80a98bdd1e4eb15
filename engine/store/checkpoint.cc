#include "engine/store/checkpoint.h"

namespace tombolo::store {

Checkpointer::Checkpointer(const std::string& path, const std::string& vfs)
    : database_(path, Database::Mode::write, vfs), thread_([this] { run(); }) {}

Checkpointer::~Checkpointer() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    wake_.notify_one();
  }
  thread_.join();
}

void Checkpointer::wake(std::int64_t pages) {
  constexpr std::int64_t step = 512;  // pages: a copy costs two syncs, whatever its size
  if (pages < copied_at_) copied_at_ = 0;  // the log began anew
  if (pages < copied_at_ + step) return;
  copied_at_ = pages;
  const std::lock_guard lock(mutex_);
  wanted_ = true;
  wake_.notify_one();
}

void Checkpointer::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return wanted_ || closing_; });
    if (closing_) return;
    wanted_ = false;
    lock.unlock();
    try {
      database_.checkpoint(Database::Checkpoint::passive);
    } catch (const Error&) {  // the log only grows until it works again; the writer meets the same trouble and says so
    }
    lock.lock();
  }
}

}  // namespace tombolo::store
