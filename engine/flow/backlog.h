// Backlog: work that the store has numbered, the front of it in memory, the rest still on disk.
// Both queues of a channel are backlogs: parcels to be walked and deliveries to be made. What was just stored is kept in
// memory as long as nothing older is on disk only and there is room; else it is found again when the pages are read.
#pragma once

#include <cstdint>
#include <vector>

namespace tombolo {

class Backlog {
 public:
  // room: so many may be in memory at once.
  explicit Backlog(std::size_t room) : room_(room) {}

  // Something was stored under this number (numbers ascend). True: it is to be taken into memory now.
  // False: it will be, or was, found on a page.
  bool offer(std::uint64_t number) {
    if (number <= last_) return false;
    if (number > newest_) newest_ = number;
    if (behind_ || in_memory_ >= room_) {
      behind_ = true;
      return false;
    }
    last_ = number;
    ++in_memory_;
    return true;
  }

  // There may be some on disk that memory does not know: read a page after last() when half the room is free.
  bool wants_page() const { return behind_ && in_memory_ * 2 <= room_; }
  std::uint64_t last() const { return last_; }
  std::size_t page_size() const { return room_ - in_memory_; }

  // One of a page was taken into memory.
  void take(std::uint64_t number) {
    last_ = number;
    ++in_memory_;
  }
  // The page was read to its end; short: it held fewer than page_size(), so nothing stored before the reading is left.
  void page_read(bool short_page) {
    if (short_page && (last_ >= newest_ || newest_ == newest_at_reading_)) behind_ = false;
  }
  void page_begins() { newest_at_reading_ = newest_; }

  void one_more() { ++in_memory_; }  // taken into memory once more, out of order
  void finished() { --in_memory_; }
  std::size_t in_memory() const { return in_memory_; }
  bool behind() const { return behind_; }

  // Starts from disk: for the time of recovery.
  void start_behind() { behind_ = true; }

 private:
  std::size_t room_;
  std::size_t in_memory_ = 0;
  std::uint64_t last_ = 0;               // the highest number taken into memory
  std::uint64_t newest_ = 0;             // the highest number stored
  std::uint64_t newest_at_reading_ = 0;
  bool behind_ = false;
};

}  // namespace tombolo
