// Stillness: which files have stood as they are long enough to be taken for whole. Time is the caller's steady clock:
// the clocks of network folders are not to be trusted.
#pragma once

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/time.h"
#include "engine/connectors/file/folder.h"

namespace tombolo {

class Stillness {
 public:
  using Moment = std::chrono::steady_clock::time_point;

  explicit Stillness(Duration enough) : enough_(enough) {}

  // Those of `found` that are as they were at least `enough` ago. What is not among `found` is forgotten.
  std::vector<FileEntry> ready(const std::vector<FileEntry>& found, Moment now) {
    std::map<std::string, Seen> seen;
    std::vector<FileEntry> still;
    next_.reset();
    for (const auto& entry : found) {
      const auto before = seen_.find(entry.name);
      const Moment since = before != seen_.end() && before->second.entry == entry ? before->second.since : now;
      if (now - since >= enough_) still.push_back(entry);
      else next_ = std::min(next_.value_or(Moment::max()), since + enough_);
      seen.emplace(entry.name, Seen{entry, since});
    }
    seen_ = std::move(seen);
    return still;
  }
  // When the next of them may be ready; nothing: there is none.
  std::optional<Moment> next() const { return next_; }
  void begin_again(const std::string& name) { seen_.erase(name); }

 private:
  struct Seen {
    FileEntry entry;
    Moment since;
  };
  Duration enough_;
  std::map<std::string, Seen> seen_;
  std::optional<Moment> next_;
};

}  // namespace tombolo
