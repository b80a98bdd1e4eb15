// Memory: what a source has taken from a folder in which everything stays (`after: keep`), remembered in a file of ours,
// a line each: size, time, name. A line that a crash left half written is cut off: its file is then taken again.
// All calls block.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "engine/connectors/file/disk.h"
#include "engine/connectors/file/folder.h"

namespace tombolo {

class Memory {
 public:
  // most: so many that are no longer in the folder are remembered, too: an empty look may be a folder not mounted.
  Memory(std::unique_ptr<Disk> disk, std::filesystem::path path, std::size_t most = 10'000)
      : disk_(std::move(disk)), path_(std::move(path)), most_(most) {}

  void load();                        // before anything else, and again after add() failed
  bool has(const FileEntry& entry) const { return lines_.contains(line(entry)); }
  void add(const FileEntry& entry);   // on disk when it returns
  void tidy(const std::vector<FileEntry>& there);   // forgets others, when there are many of them

 private:
  static std::string line(const FileEntry& entry);

  const std::unique_ptr<Disk> disk_;
  const std::filesystem::path path_;
  const std::size_t most_;
  std::unique_ptr<DiskFile> file_;
  std::set<std::string, std::less<>> lines_;
};

}  // namespace tombolo
