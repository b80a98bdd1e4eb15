#include "engine/connectors/file/tally.h"

#include <algorithm>
#include <utility>

#include "engine/base/text.h"

namespace tombolo {
namespace {

constexpr std::size_t a_look = 64u << 10;

std::string head_of(DiskFile& file) { return "of " + std::to_string(file.number()) + "\n"; }

void append_line(std::string& out, const Tally::Entry& e) {
  out += std::to_string(e.begin) + " " + std::to_string(e.end) + " " + e.id + "\n";
}

// The entries of the lines, without those that never came to be: what begins before the end of an earlier one stands
// in its place.
std::vector<Tally::Entry> parse(std::string_view lines) {
  std::vector<Tally::Entry> found;
  for (const auto line : split(lines, '\n')) {
    const auto words = split(line, ' ');
    const auto begin = words.size() == 3 ? to_integer(words[0]) : std::nullopt;
    const auto end = words.size() == 3 ? to_integer(words[1]) : std::nullopt;
    if (!begin || !end || *begin < 0 || *end <= *begin) continue;
    Tally::Entry entry{std::string(words[2]), static_cast<std::uint64_t>(*begin), static_cast<std::uint64_t>(*end)};
    while (!found.empty() && found.back().end > entry.begin) found.pop_back();
    found.push_back(std::move(entry));
  }
  return found;
}

}  // namespace

Tally::Tally(Disk& disk, DiskFile& file, std::filesystem::path of, bool sync)
    : disk_(disk), file_(file), path_(path_of(of)), sync_(sync) {}

std::filesystem::path Tally::path_of(const std::filesystem::path& file) {
  return file.parent_path() / ("." + file.filename().string() + ".ids");
}

void Tally::mend(const std::string& seam) {
  std::vector<Entry> entries = read_entries();
  const std::uint64_t size = file_.size();
  const auto missing = std::find_if(entries.begin(), entries.end(), [&](const Entry& e) { return e.end > size; });
  const bool torn = missing != entries.end();
  if (torn && missing->begin < size) file_.truncate(missing->begin);
  entries.erase(missing, entries.end());
  if (!torn) cut_open_line(size, seam);
  if (sync_) file_.sync();
  write_anew(std::move(entries));
}

void Tally::announce(const std::vector<Entry>& entries) {
  if (!own_->still_at(path_)) {  // another writer of the same file made it anew
    const std::vector<Entry> all = read_entries();
    own_ = disk_.open_to_append(path_);
    ids_.clear();
    for (const auto& e : all) ids_.insert(e.id);
    entries_ = all;
  }
  std::string lines;
  for (const auto& e : entries) append_line(lines, e);
  own_->append(lines);
  if (sync_) own_->sync();
}

void Tally::added(std::vector<Entry> entries) {
  for (auto& e : entries) {
    ids_.insert(e.id);
    entries_.push_back(std::move(e));
  }
  if (entries_.size() >= 2 * fewest) write_anew(std::exchange(entries_, {}));
}

std::vector<Tally::Entry> Tally::read_entries() {
  const auto there = disk_.open_to_append(path_);
  const std::string all = there->read(0, there->size());
  const std::string head = head_of(file_);
  if (!all.starts_with(head)) return {};
  const std::string_view lines = std::string_view(all).substr(head.size());
  return parse(lines.substr(0, lines.rfind('\n') + 1));  // the last line may be torn
}

void Tally::write_anew(std::vector<Entry> entries) {
  if (entries.size() > fewest) entries.erase(entries.begin(), entries.end() - fewest);
  std::string all = head_of(file_);
  ids_.clear();
  for (const auto& e : entries) {
    append_line(all, e);
    ids_.insert(e.id);
  }
  const auto part = path_.parent_path() / (path_.filename().string() + ".part");
  auto made = disk_.make_empty(part);
  made->append(all);
  if (sync_) made->sync();
  disk_.rename(part, path_);
  if (sync_) disk_.sync_folder(path_.parent_path());
  own_ = disk_.open_to_append(path_);
  entries_ = std::move(entries);
}

void Tally::cut_open_line(std::uint64_t size, const std::string& seam) {
  if (size == 0 || file_.last_byte() == '\n') return;
  if (!seam.empty()) return file_.append(seam);
  while (size > 0) {
    const std::uint64_t from = size > a_look ? size - a_look : 0;
    const std::size_t end = file_.read(from, static_cast<std::size_t>(size - from)).rfind('\n');
    if (end != std::string::npos) return file_.truncate(from + end + 1);
    size = from;
  }
  file_.truncate(0);
}

}  // namespace tombolo
