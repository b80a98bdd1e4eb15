// Runs a fuzz target over its seeds: usage: NAME_fuzz FOLDER…; each seed whole, and cut at every one of its bytes.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int count, char** words) {
  int runs = 0;
  for (int i = 1; i < count; ++i) {
    if (!std::filesystem::is_directory(words[i])) continue;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(words[i])) {
      if (!entry.is_regular_file()) continue;
      std::ifstream in(entry.path(), std::ios::binary);
      const std::string seed(std::istreambuf_iterator<char>(in), {});
      const std::size_t step = seed.size() / 500 + 1;  // long seeds are cut in fewer places
      for (std::size_t size = seed.size();; size = size > step ? size - step : 0) {
        LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(seed.data()), size);
        ++runs;
        if (size == 0) break;
      }
    }
  }
  std::printf("%d runs\n", runs);
  return runs == 0;
}
