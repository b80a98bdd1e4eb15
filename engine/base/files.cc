#include "engine/base/files.h"

#include <cerrno>
#include <fstream>
#include <system_error>

namespace tombolo {

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text;
  char block[16384];
  while (in.read(block, sizeof block) || in.gcount() > 0) text.append(block, static_cast<std::size_t>(in.gcount()));
  if (!in.is_open() || in.bad()) throw std::system_error(errno, std::generic_category(), "cannot read " + path.string());
  return text;
}

}  // namespace tombolo
