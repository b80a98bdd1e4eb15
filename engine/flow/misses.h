// MissTally: codes that no table has, counted per sender, since the engine started. On the I/O thread only.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "engine/base/time.h"
#include "engine/mapping/misses.h"

namespace tombolo {

class MissTally {
 public:
  struct Line {
    std::string sender;                      // MSH-3|MSH-4
    Miss miss;
    std::uint64_t times = 0;
    Time last{};
  };

  // Different lines that are kept; what comes beyond them is counted together, so that a broken sender cannot fill the memory.
  explicit MissTally(std::size_t most = 10'000) : most_(most) {}

  void add(const std::string& sender, const std::vector<Miss>& misses, Time now);

  std::vector<Line> lines() const;           // the most frequent first
  std::uint64_t uncounted() const { return uncounted_; }  // misses beyond `most`

  std::string print() const;                 // a line each, for people
  std::string print_json() const;            // one JSON object a line

 private:
  using Key = std::tuple<std::string, std::string, std::string, std::string>;  // sender, table, field, code
  struct Count {
    std::uint64_t times = 0;
    Time last{};
    bool ignored = true;                     // by every rule that met it
  };
  std::size_t most_;
  std::map<Key, Count> counts_;
  std::uint64_t uncounted_ = 0;
};

}  // namespace tombolo
