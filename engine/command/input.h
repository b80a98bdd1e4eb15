// What a command was told to read.
#pragma once

#include <string>

namespace tombolo {

// A file's bytes, or for "-" those of standard input. Throws as read_file (base/files.h) does.
std::string read_input(const std::string& file);

}  // namespace tombolo
