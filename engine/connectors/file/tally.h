// Tally: which deliveries stand in a file that entries are appended to, and where. It is kept in a hidden file beside
// it (".NAME.ids"), a line an entry: begin, end, id, written *before* the entry is. So after a crash it is known which
// entries are whole, what is the torn beginning of one, and whose delivery must not be written again.
//
// A tally is of one file, not of a name: it begins with the file's number. It remembers the last few thousand ids.
// All calls block, and are made while the file is locked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "engine/connectors/file/disk.h"

namespace tombolo {

class Tally {
 public:
  static constexpr std::size_t fewest = 4096;  // ids that it always remembers, if there were so many

  // of: the file's path; the file outlives the tally. sync: as the file's own.
  Tally(Disk& disk, DiskFile& file, std::filesystem::path of, bool sync);

  // Reads the tally, or begins one, and cuts off the entry that a crash left torn. What then stands in the file is on
  // disk. A last line without its end that the tally does not know is cut off, too, or closed with `seam` if there is one.
  void mend(const std::string& seam);

  bool has(std::string_view id) const { return ids_.contains(std::string(id)); }

  struct Entry {
    std::string id;
    std::uint64_t begin = 0, end = 0;   // in the file
  };
  // These entries will be appended now; they count as there only after added().
  void announce(const std::vector<Entry>& entries);
  void added(std::vector<Entry> entries);

  // Where the tally of a file stands.
  static std::filesystem::path path_of(const std::filesystem::path& file);

 private:
  std::vector<Entry> read_entries();
  void write_anew(std::vector<Entry> entries);
  void cut_open_line(std::uint64_t size, const std::string& seam);

  Disk& disk_;
  DiskFile& file_;
  const std::filesystem::path path_;
  const bool sync_;
  std::unique_ptr<DiskFile> own_;
  std::vector<Entry> entries_;
  std::unordered_set<std::string> ids_;
};

}  // namespace tombolo
