// PowerCut: an SQLite VFS under which a cut of the power can be tried. What is written is seen by the process at once, but
// reaches the real file only when a sync asks for it; at the cut every write that no sync followed is gone. At random some
// of them reach the file all the same, in any order and torn at sectors of 512 bytes, as a disk may do it.
//
// Two ways to cut: kill the process (what was not synced dies with it), or cut() inside it: from then on everything that was
// open fails, until it is closed and power_on() is called. It can also fail the nth write, truncation or sync.
//
// For the real binary: a test's own main makes a PowerCut that is the default VFS, then calls the engine's.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace tombolo::test {

class PowerCut {
 public:
  struct Plan {
    std::uint64_t seed = 1;
    double early = 0;         // chance of each sector written to reach the file before it is synced
    bool heed_sync = true;    // false: a sync does nothing, as with `pragma synchronous=off`
    bool as_default = false;  // SQLite uses it where none is named
  };
  enum class Fault { full, broken, cut };

  // Registers the VFS under `name`. Lives until all that was opened with it is closed.
  explicit PowerCut(const std::string& name) : PowerCut(name, Plan()) {}
  PowerCut(const std::string& name, const Plan& plan);
  ~PowerCut();
  PowerCut(const PowerCut&) = delete;
  PowerCut& operator=(const PowerCut&) = delete;

  void cut();
  void power_on();                          // after everything of before the cut was closed

  // From the nth step (write, truncation or sync; from 0) counted from now, so many fail. `cut`: the power goes there.
  void fail_at(std::uint64_t nth, Fault fault, std::uint64_t times = 1);
  void fail_no_more();
  bool failed() const;                      // one was failed since fail_at()
  std::uint64_t steps() const;              // so far

 private:
  struct Disk;
  std::unique_ptr<Disk> disk_;
};

}  // namespace tombolo::test
