// Disk: every call the file destination makes to the file system, so that a test can stand in its place and forget, as
// a power cut does, what was not synced. All calls block; the destination makes them on a thread of its own. Each
// throws boost::system::system_error when the system says no.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace tombolo {

// An open file. Closed by its destructor.
class DiskFile {
 public:
  virtual ~DiskFile() = default;
  virtual std::uint64_t size() = 0;
  virtual char last_byte() = 0;                     // of a file that is not empty
  virtual std::string read(std::uint64_t from, std::size_t size) = 0;  // what there is of it
  virtual void append(std::string_view bytes) = 0;  // all of them, or throws: then a part may be there
  virtual void truncate(std::uint64_t size) = 0;
  virtual void sync() = 0;                                       // what was written survives a power cut
  virtual bool still_at(const std::filesystem::path& path) = 0;  // false: somebody moved or removed it
  virtual std::uint64_t number() = 0;   // of the file, whatever its name: another file has another one
  virtual void lock() {}                // waits until no other writer of this file, wherever, holds it
  virtual void unlock() {}
};

class Disk {
 public:
  virtual ~Disk() = default;

  virtual std::unique_ptr<DiskFile> open_to_append(const std::filesystem::path& path) = 0;  // made if it is not there
  virtual std::unique_ptr<DiskFile> make_empty(const std::filesystem::path& path) = 0;      // what was there is gone
  virtual void rename(const std::filesystem::path& from, const std::filesystem::path& to) = 0;
  // Makes the folder and those above it; what it made is durable when it returns.
  virtual void make_folder(const std::filesystem::path& folder) = 0;
  virtual void sync_folder(const std::filesystem::path& folder) = 0;  // names made or changed in it survive a power cut
  // Removes the hidden files with this ending that nobody wrote to for a day; a failure is of no account.
  virtual void remove_old(const std::filesystem::path&, std::string_view /*ending*/) {}
};

std::unique_ptr<Disk> real_disk();

}  // namespace tombolo
