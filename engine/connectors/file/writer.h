// The writer of files: one thread that takes everything that is waiting, writes it, syncs each file once, and then
// tells all of them together. A lonely job waits for its own sync and no longer.
//
// Appending: what a crash or a full disk left half written is cut off, and a delivery whose entry stands in the file
// already is not written again (tally.h). A file of its own: written under a temporary name, synced, renamed, its folder synced; nobody
// ever sees a part.
#pragma once

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "engine/connectors/file/disk.h"
#include "engine/connectors/file/tally.h"

namespace tombolo {

class FileWriter {
 public:
  struct Job {
    std::filesystem::path path;
    std::string bytes;
    bool alone = false;  // a file of its own, else appended
    std::string id;      // of the delivery
    std::string seam;    // closes a last line that is not of ours and has no end; empty: it is cut off
  };

  // executor: where write() completes. sync: false trusts the system's cache (and loses it in a power cut).
  FileWriter(std::unique_ptr<Disk> disk, bool sync, boost::asio::any_io_executor executor);
  ~FileWriter();  // writes what waits
  FileWriter(const FileWriter&) = delete;
  FileWriter& operator=(const FileWriter&) = delete;

  // Completes when the job is done, on disk if `sync`; throws boost::system::system_error if it could not be.
  boost::asio::awaitable<void> write(Job job);

 private:
  using Handler = boost::asio::any_completion_handler<void(std::exception_ptr)>;
  struct Waiting {
    Job job;
    Handler handler;
    boost::asio::any_io_executor executor;  // counted as work: the io_context stays until it is told
    std::exception_ptr failure;
  };
  using Batch = std::vector<Waiting>;
  struct Open {
    std::unique_ptr<DiskFile> file;
    std::unique_ptr<Tally> tally;
  };

  void work();
  void carry_out(Batch& batch);
  void append(const std::filesystem::path& path, const std::vector<Waiting*>& jobs);
  void place(const Job& job);
  Open& opened(const std::filesystem::path& path, const std::string& seam);
  void make_folder(const std::filesystem::path& folder);
  void tell(Batch batch);

  const std::unique_ptr<Disk> disk_;
  const bool sync_;
  const boost::asio::any_io_executor executor_;

  std::mutex lock_;  // of the three below
  std::condition_variable changed_;
  Batch waiting_;
  bool stopping_ = false;

  std::map<std::filesystem::path, Open> open_;  // the thread's own
  std::set<std::filesystem::path> folders_;     // known to be there
  std::thread thread_;                          // last: it uses all the others
};

}  // namespace tombolo
