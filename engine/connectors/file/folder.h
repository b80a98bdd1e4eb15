// Folder: where a source finds files, on this machine or beyond. All calls block and throw
// boost::system::system_error when the system says no; the source makes them on a thread of its own.
#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tombolo {

// One file as a look at the folder found it. Equal entries: nobody wrote to it or replaced it in between.
struct FileEntry {
  std::string name;
  std::uint64_t size = 0;
  std::int64_t changed = 0;   // microseconds since 1970, by the clock of whoever keeps the folder
  std::uint64_t number = 0;   // of the file itself, so that another one under its name is told; 0 where there is none

  bool operator==(const FileEntry&) const = default;
};

// Paths below are the folder's own: relative ones begin in it.
class Folder {
 public:
  using Wanted = std::function<bool(std::string_view name)>;

  virtual ~Folder() = default;

  // The folder must be there, and the path `inner` may be made below it. Called again after each failure.
  virtual void prepare(const std::string& inner) = 0;
  // Plain files with these names: no links, no folders.
  virtual std::vector<FileEntry> list(const Wanted& wanted) = 0;
  // The first `most` bytes of it. nullopt: it is gone, is no longer what was seen, or is still being written.
  virtual std::optional<std::string> read(const FileEntry& seen, std::size_t most) = 0;
  virtual bool exists(const std::string& path) = 0;
  virtual void rename(const std::string& from, const std::string& to) = 0;   // an error if `to` is there
  virtual void remove(const std::string& path) = 0;                          // no error if it is gone
  virtual void place(const std::string& path, std::string_view bytes) = 0;   // whole or not at all; replaces

  // From now on `changed` is called on the executor when there may be something new. Folders that cannot tell do not.
  virtual void watch(const boost::asio::any_io_executor& executor, std::function<void()> changed);
  virtual void unwatch() {}
};

std::unique_ptr<Folder> local_folder(std::filesystem::path path);

}  // namespace tombolo
