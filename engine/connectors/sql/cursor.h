// Cursor: how far a query has been read, kept in a small file. Written aside, synced and renamed: it is the old or the new one.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace tombolo::sql {

class Cursor {
 public:
  explicit Cursor(std::filesystem::path file) : file_(std::move(file)) {}

  // Nothing: there is no file yet. Throws std::runtime_error if it cannot be read.
  std::optional<std::string> read() const;
  // On disk when it returns; its folder is made. Throws std::system_error.
  void write(const std::string& value) const;

  const std::filesystem::path& file() const { return file_; }

 private:
  std::filesystem::path file_;
};

}  // namespace tombolo::sql
