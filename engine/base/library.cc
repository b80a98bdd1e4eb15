#include "engine/base/library.h"

#include <cstdint>
#include <cstring>
#include <set>

#include "engine/base/files.h"

// The pack, as pack_tool.cc lays it out: count, then per file {name size, text size, name, text}; sizes are 32-bit little endian.
extern "C" {
extern const char tombolo_shipped_begin[] __attribute__((weak));
extern const char tombolo_shipped_end[] __attribute__((weak));
}

namespace tombolo {
namespace {

std::uint32_t read_size(const char*& at) {
  std::uint32_t n = 0;
  std::memcpy(&n, at, sizeof n);
  at += sizeof n;
  return n;
}

std::map<std::string, std::string_view, std::less<>> unpack() {
  std::map<std::string, std::string_view, std::less<>> files;
  const char* at = tombolo_shipped_begin;
  if (at == nullptr) return files;
  for (std::uint32_t left = read_size(at); left > 0; --left) {
    const std::uint32_t name_size = read_size(at);
    const std::uint32_t text_size = read_size(at);
    std::string name(at, name_size);
    files.emplace(std::move(name), std::string_view(at + name_size, text_size));
    at += name_size + text_size;
  }
  return files;
}

// A name from a channel file must stay inside its folder.
bool inside(std::string_view name) {
  if (name.empty() || name.front() == '/' || name.find('\0') != std::string_view::npos) return false;
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find('/', begin), name.size());
    if (name.substr(begin, end - begin) == "..") return false;
    begin = end + 1;
  }
  return true;
}

void list_folder(const std::filesystem::path& root, std::string_view folder, std::set<std::string>& names) {
  std::error_code wrong;
  const auto top = root / folder;
  if (root.empty() || !std::filesystem::is_directory(top, wrong)) return;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(top, wrong)) {
    if (entry.is_regular_file()) names.insert(std::filesystem::relative(entry.path(), root).generic_string());
  }
}

}  // namespace

Library::Library(std::filesystem::path site, std::filesystem::path shipped)
    : site_(std::move(site)), folder_(std::move(shipped)), pack_(folder_.empty() ? unpack() : decltype(pack_){}) {}

std::optional<File> Library::find(std::string_view name) const {
  if (!inside(name)) return std::nullopt;
  const std::string key(name);
  std::error_code wrong;
  for (const auto& root : {site_, folder_}) {
    if (!root.empty() && std::filesystem::is_regular_file(root / key, wrong)) {
      return File{key, (root / key).string(), read(root / key)};
    }
  }
  if (const auto found = pack_.find(key); found != pack_.end()) return File{key, "shipped:" + key, found->second};
  return std::nullopt;
}

std::vector<std::string> Library::list(std::string_view folder) const {
  std::set<std::string> names;
  list_folder(site_, folder, names);
  list_folder(folder_, folder, names);
  const std::string prefix = std::string(folder) + "/";
  for (auto at = pack_.lower_bound(prefix); at != pack_.end() && at->first.starts_with(prefix); ++at) names.insert(at->first);
  return {names.begin(), names.end()};
}

std::string_view Library::read(const std::filesystem::path& path) const {
  if (const auto known = read_.find(path); known != read_.end()) return known->second;
  return read_.emplace(path, read_file(path)).first->second;
}

}  // namespace tombolo
