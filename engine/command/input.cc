#include "engine/command/input.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <vector>

#include "engine/base/files.h"

namespace tombolo {

std::string read_input(const std::string& file) {
  return file == "-" ? std::string(std::istreambuf_iterator<char>(std::cin), {}) : read_file(file);
}

int convert_folder(const std::string& folder, const std::string& out, std::string_view ending,
                   const std::function<Result<std::string>(std::string_view bytes)>& work, std::ostream& err) {
  namespace fs = std::filesystem;
  if (out.empty()) throw std::invalid_argument("a folder needs -o OUT, the folder for the results");
  fs::create_directories(out);
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.is_regular_file() && !entry.path().filename().string().starts_with('.')) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  bool failed = false;
  for (const auto& file : files) {
    const auto result = work(read_file(file));
    if (!result) {
      err << file.string() << ": " << text(result.error()) << "\n";
      failed = true;
      continue;
    }
    const auto target = fs::path(out) / (file.stem().string() + std::string(ending));
    std::ofstream to(target, std::ios::binary | std::ios::trunc);
    if (!(to << *result)) throw std::runtime_error("cannot write " + target.string());
  }
  return failed ? 1 : 0;
}

}  // namespace tombolo
