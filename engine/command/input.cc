#include "engine/command/input.h"

#include <iostream>
#include <iterator>

#include "engine/base/files.h"

namespace tombolo {

std::string read_input(const std::string& file) {
  return file == "-" ? std::string(std::istreambuf_iterator<char>(std::cin), {}) : read_file(file);
}

}  // namespace tombolo
