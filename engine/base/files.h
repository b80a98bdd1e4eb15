// Whole files, for what is small enough to be held at once: maps, tables, channel files, messages on a command line.
#pragma once

#include <filesystem>
#include <string>

namespace tombolo {

// The file's bytes as they stand. Throws std::runtime_error, with the path and the system's reason, if it cannot be read.
std::string read_file(const std::filesystem::path& path);

}  // namespace tombolo
