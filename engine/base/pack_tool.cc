// Runs at build: packs folders of shipped files into one blob that the binary carries (library.cc reads it).
// usage: pack_tool ROOT OUT.pack OUT.s FOLDER…
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "engine/base/files.h"

namespace fs = std::filesystem;

// Tests stand beside the maps, with their messages and goldens, and the grammar for editors; the engine has no use for them.
static bool left_out(const fs::path& file) {
  const auto ending = file.extension();
  const auto folder = file.generic_string();
  if (folder.starts_with("mappings/editor/")) return true;
  return folder.starts_with("mappings/") && !folder.starts_with("mappings/codes/") && (ending == ".yaml" || ending == ".json" || ending == ".hl7");
}

static void append_size(std::string& out, std::size_t n) {
  const auto small = static_cast<std::uint32_t>(n);
  out.append(reinterpret_cast<const char*>(&small), sizeof small);
}

int main(int count, char** words) {
  if (count < 4) return 2;
  const fs::path root = words[1];
  std::vector<fs::path> files;
  for (int i = 4; i < count; ++i) {
    if (!fs::is_directory(root / words[i])) continue;
    for (const auto& entry : fs::recursive_directory_iterator(root / words[i])) {
      const auto file = fs::relative(entry.path(), root);
      if (entry.is_regular_file() && !left_out(file)) files.push_back(file);
    }
  }
  std::sort(files.begin(), files.end());
  std::string pack;
  append_size(pack, files.size());
  for (const auto& file : files) {
    const std::string text = tombolo::read_file(root / file);
    const std::string name = file.generic_string();
    append_size(pack, name.size());
    append_size(pack, text.size());
    pack += name;
    pack += text;
  }
  std::ofstream(words[2], std::ios::binary) << pack;
  std::ofstream(words[3]) << ".section .rodata\n.globl tombolo_shipped_begin\n.globl tombolo_shipped_end\n.balign 16\n"
                             "tombolo_shipped_begin:\n.incbin \""
                          << words[2]
                          << "\"\ntombolo_shipped_end:\n.byte 0\n"
                             ".section .note.GNU-stack,\"\",@progbits\n";
  return 0;
}
