// hl7v2_bench CORPUS [WHAT]: how fast one core reads v2. CORPUS: per message a 4-byte little-endian length and its bytes.
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "engine/base/library.h"
#include "engine/formats/hl7v2/hl7v2.h"
#include "engine/formats/hl7v2/message.h"

using namespace tombolo;

namespace {

std::vector<std::string> corpus(const char* name) {
  std::ifstream in(name, std::ios::binary);
  const std::string all(std::istreambuf_iterator<char>(in), {});
  std::vector<std::string> messages;
  for (std::size_t at = 0; at + 4 <= all.size();) {
    std::uint32_t size = 0;
    std::memcpy(&size, all.data() + at, 4);
    messages.push_back(all.substr(at + 4, size));
    at += 4 + size;
  }
  return messages;
}

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

std::string only;            // measure what has this in its name
std::size_t sink = 0;  // what is computed must be used

// Runs `work` on every message for about a second; the best of five rounds counts.
template <class Work>
void measure(const char* what, const std::vector<std::string>& messages, Work work) {
  if (std::string(what).find(only) == std::string::npos) return;
  std::size_t bytes = 0;
  for (const std::string& message : messages) bytes += message.size();
  double best = 1e9;
  for (int round = 0; round < 5; ++round) {
    int times = 0;
    const double begin = cpu_seconds();
    double took = 0;
    while ((took = cpu_seconds() - begin) < 0.2) {
      for (int i = 0; i < 20; ++i, ++times) {
        for (const std::string& message : messages) sink += work(message);
      }
    }
    best = std::min(best, took / times);
  }
  std::printf("%-44s %8.3f GB/s %8.3f us/message\n", what, static_cast<double>(bytes) / best * 1e-9,
              best * 1e6 / static_cast<double>(messages.size()));
}

}  // namespace

int main(int count, char** words) {
  if (count != 2 && count != 3) return std::fprintf(stderr, "usage: hl7v2_bench CORPUS [WHAT]\n"), 2;
  if (count == 3) only = words[2];
  const auto messages = corpus(words[1]);
  if (messages.empty()) return std::fprintf(stderr, "hl7v2_bench: no messages in %s\n", words[1]), 3;
  std::printf("%zu messages\n", messages.size());
  for (const auto& [name, scan] : hl7v2::scans()) {
    hl7v2::Message message;
    measure((std::string("index, all leaves, ") + name).c_str(), messages, [&](const std::string& bytes) {
      return message.index(bytes, {}, scan) ? message.leaves().size() : 0;
    });
  }
  const Library library;
  const V2Dictionary dictionary(library);
  const auto format = hl7v2_format(dictionary);
  measure("peek, default paths", messages, [&](const std::string& bytes) {
    const auto peek = format->peek(bytes, {}, {});
    return peek ? peek->order_keys.size() : 1;
  });
  measure("split", messages, [&](const std::string& bytes) { return format->split(bytes)->size(); });
  Arena arena;
  Tree tree(arena);
  std::vector<Complaint> complaints;
  measure("parse: index, groups, tree", messages, [&](const std::string& bytes) {
    tree.clear();
    arena.clear();
    complaints.clear();
    return format->parse(bytes, {}, tree, complaints) ? tree.size() : 1;
  });
  measure("parse and print, unchanged", messages, [&](const std::string& bytes) {
    tree.clear();
    arena.clear();
    complaints.clear();
    return format->parse(bytes, {}, tree, complaints) ? format->print(tree)->size() : 1;
  });
  measure("answer AA", messages, [&](const std::string& bytes) { return format->answer(bytes, {}, Time{}, "N1").size(); });
  return sink == 0;
}
