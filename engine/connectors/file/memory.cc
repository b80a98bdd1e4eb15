#include "engine/connectors/file/memory.h"

#include "engine/base/text.h"

namespace tombolo {

void Memory::load() {
  file_.reset();
  lines_.clear();
  disk_->make_folder(path_.parent_path());
  auto file = disk_->open_to_append(path_);
  const std::string all = file->read(0, file->size());
  const std::size_t whole = all.rfind('\n') + 1;  // 0: not a single whole line
  if (whole < all.size()) file->truncate(whole);
  for (const auto one : split(std::string_view(all).substr(0, whole), '\n')) {
    if (!one.empty()) lines_.insert(std::string(one) + "\n");
  }
  file->sync();
  disk_->sync_folder(path_.parent_path());
  file_ = std::move(file);
}

void Memory::add(const FileEntry& entry) {
  const std::string added = line(entry);
  file_->append(added);
  file_->sync();
  lines_.insert(added);
}

void Memory::tidy(const std::vector<FileEntry>& there) {
  if (lines_.size() < 2 * there.size() + most_) return;
  std::set<std::string, std::less<>> kept;
  for (const auto& entry : there) {
    if (has(entry)) kept.insert(line(entry));
  }
  std::string all;
  for (const auto& one : kept) all += one;
  const auto part = path_.parent_path() / ("." + path_.filename().string() + ".part");
  auto file = disk_->make_empty(part);
  file->append(all);
  file->sync();
  disk_->rename(part, path_);
  disk_->sync_folder(path_.parent_path());
  file_ = disk_->open_to_append(path_);
  lines_ = std::move(kept);
}

// Without the number: a folder mounted again may number its files anew.
std::string Memory::line(const FileEntry& entry) {
  return std::to_string(entry.size) + " " + std::to_string(entry.changed) + " " + entry.name + "\n";
}

}  // namespace tombolo
