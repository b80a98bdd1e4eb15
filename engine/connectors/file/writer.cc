#include "engine/connectors/file/writer.h"

#include <boost/asio/async_result.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace tombolo {

namespace net = boost::asio;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t most_open = 16;  // templates with {date} or {hour} move on; old files are closed

// While it lives no other writer touches the file.
class Lock {
 public:
  explicit Lock(DiskFile& file) : file_(file) { file_.lock(); }
  ~Lock() { file_.unlock(); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  DiskFile& file_;
};

}  // namespace

FileWriter::FileWriter(std::unique_ptr<Disk> disk, bool sync, net::any_io_executor executor)
    : disk_(std::move(disk)), sync_(sync), executor_(std::move(executor)), thread_([this] { work(); }) {}

FileWriter::~FileWriter() {
  {
    const std::lock_guard held(lock_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

net::awaitable<void> FileWriter::write(Job job) {
  auto start = [this](auto handler, Job taken) {
    Waiting waiting{
        std::move(taken), std::move(handler), net::prefer(executor_, net::execution::outstanding_work.tracked), {}};
    {
      const std::lock_guard held(lock_);
      waiting_.push_back(std::move(waiting));
    }
    changed_.notify_one();
  };
  return net::async_initiate<const net::use_awaitable_t<>, void(std::exception_ptr)>(
      std::move(start), net::use_awaitable, std::move(job));
}

void FileWriter::work() {
  for (;;) {
    Batch batch;
    {
      std::unique_lock held(lock_);
      changed_.wait(held, [this] { return stopping_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      batch.swap(waiting_);
    }
    carry_out(batch);
    tell(std::move(batch));
  }
}

void FileWriter::carry_out(Batch& batch) {
  std::map<fs::path, std::vector<Waiting*>> appended, folders;
  for (auto& waiting : batch) {
    if (!waiting.job.alone) appended[waiting.job.path].push_back(&waiting);
    else folders[waiting.job.path.parent_path()].push_back(&waiting);
  }
  const auto all_fail = [this](const std::vector<Waiting*>& jobs) {
    folders_.clear();
    for (auto* const job : jobs) job->failure = std::current_exception();
  };
  for (const auto& [path, jobs] : appended) {
    try {
      append(path, jobs);
    } catch (...) {
      open_.erase(path);
      all_fail(jobs);
    }
  }
  for (const auto& [folder, jobs] : folders) {
    for (auto* const job : jobs) {
      try {
        place(job->job);
      } catch (...) {
        all_fail({job});
      }
    }
    try {
      if (sync_) disk_->sync_folder(folder);
    } catch (...) {
      all_fail(jobs);
    }
  }
}

void FileWriter::append(const fs::path& path, const std::vector<Waiting*>& jobs) {
  Open& open = opened(path, jobs.front()->job.seam);
  const Lock lock(*open.file);
  const std::uint64_t size = open.file->size();
  std::string joined;
  std::vector<Tally::Entry> entries;
  for (const auto* const waiting : jobs) {
    if (open.tally->has(waiting->job.id)) continue;
    const std::uint64_t begin = size + joined.size();
    joined += waiting->job.bytes;
    entries.push_back({waiting->job.id, begin, size + joined.size()});
  }
  if (entries.empty()) return;
  try {
    open.tally->announce(entries);
    open.file->append(joined);
    if (sync_) open.file->sync();
    open.tally->added(std::move(entries));
  } catch (...) {
    try {
      open.file->truncate(size);  // none of them was reported, so none of them stays
    } catch (const std::exception&) {
      // Then the next opening cuts it off.
    }
    throw;
  }
}

void FileWriter::place(const Job& job) {
  make_folder(job.path.parent_path());
  const fs::path part = job.path.parent_path() / ("." + job.path.filename().string() + ".part");
  const auto file = disk_->make_empty(part);
  file->append(job.bytes);
  if (sync_) file->sync();
  disk_->rename(part, job.path);
}

// The folder is synced at each opening and not only when the file is made: a process that died in between may have made
// it.
FileWriter::Open& FileWriter::opened(const fs::path& path, const std::string& seam) {
  const auto found = open_.find(path);
  if (found != open_.end() && found->second.file->still_at(path)) return found->second;
  if (open_.size() >= most_open) open_.clear();
  open_.erase(path);
  make_folder(path.parent_path());
  Open open;
  open.file = disk_->open_to_append(path);
  const Lock lock(*open.file);
  if (open.file->size() == 0) disk_->remove_old(path.parent_path(), ".ids");
  open.tally = std::make_unique<Tally>(*disk_, *open.file, path, sync_);
  open.tally->mend(seam);
  if (sync_) disk_->sync_folder(path.parent_path());
  return open_[path] = std::move(open);
}

void FileWriter::make_folder(const fs::path& folder) {
  if (folders_.contains(folder)) return;
  disk_->make_folder(folder);
  folders_.insert(folder);
}

void FileWriter::tell(Batch batch) {
  net::post(executor_, [batch = std::move(batch)]() mutable {
    for (auto& waiting : batch) std::move(waiting.handler)(waiting.failure);
  });
}

}  // namespace tombolo
