// MLLP frames: whatever the bytes and however they are cut into reads, the reader holds no more than its limit, loses
// no byte of a frame, and finds the same frames as when it is given everything at once.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "engine/connectors/mllp/frames.h"

namespace {

using tombolo::mllp::FrameReader;

std::vector<std::string> read(std::string_view bytes, std::size_t step, bool missing_cr) {
  tombolo::mllp::FrameOptions options;
  options.max_message = 4096;
  options.missing_cr = missing_cr;
  FrameReader reader(options);
  std::vector<std::string> frames;
  while (!bytes.empty()) {
    const auto room = reader.room();
    const std::size_t n = std::min({room.size(), step, bytes.size()});
    if (n == 0) std::abort();
    std::memcpy(room.data(), bytes.data(), n);
    reader.filled(n);
    bytes.remove_prefix(n);
    while (const auto frame = reader.next()) {
      if (frame->bytes.size() > options.max_message) std::abort();
      frames.push_back(std::string(frame->bytes) + (frame->too_large ? "+" : ""));
    }
  }
  return frames;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const bool missing_cr = (data[0] & 1) != 0;
  const std::size_t step = 1 + (data[0] >> 1);
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  if (read(bytes, bytes.size(), missing_cr) != read(bytes, step, missing_cr)) std::abort();
  return 0;
}
