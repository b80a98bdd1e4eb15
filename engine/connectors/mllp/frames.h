// Frames of MLLP: 0B, the message, 1C 0D (HL7 "Transport Specification: MLLP", release 1 and 2). Bytes in, frames out;
// no wire.
//
// Read tolerantly: several frames in one read, a frame over many; CR, LF, NUL and blanks between frames are nothing,
// other bytes there are garbage: dropped and counted. 1C ends a frame when 0D follows, or at once the next 0B; any
// other 1C is content. A frame in which a second one begins (0B and then MSH, FHS or BHS: the sender was cut off and
// began anew) loses what came before it. The commit blocks of release 2 are frames of one byte, 06 or 15.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tombolo::mllp {

inline constexpr char frame_begin = '\x0B';
inline constexpr char frame_end = '\x1C';
inline constexpr std::string_view frame_tail = "\x1C\x0D";
inline constexpr std::string_view committed = "\x06";      // release 2: kept safely
inline constexpr std::string_view not_committed = "\x15";  // release 2: not kept

void append_frame(std::string& out, std::string_view message);

struct FrameOptions {
  std::size_t max_message = 16u << 20;  // bytes between 0B and 1C
  bool missing_cr = false;              // 1C alone ends a frame, at once: for senders that leave out the 0D
};

// bytes: lent by the reader until its next room().
struct Frame {
  std::string_view bytes;
  bool too_large = false;  // over max_message: `bytes` is only its beginning, nothing follows it
};

struct FrameCounts {
  std::uint64_t frames = 0;   // whole ones
  std::uint64_t garbage = 0;  // bytes dropped between frames
  std::uint64_t cut = 0;      // frames begun and not ended before the next one began
};

// Fill room() from the wire, say how much with filled(), then take frames with next() until there is none.
class FrameReader {
 public:
  explicit FrameReader(FrameOptions options) : options_(options) {}

  // Where the next bytes go: never empty. At most about twice max_message is ever held.
  std::span<char> room();
  void filled(std::size_t n) { end_ += n; }

  std::optional<Frame> next();

  // A frame has begun and is not whole: the sender owes us bytes.
  bool inside() const { return inside_; }
  // Anything at all arrived, garbage too.
  bool touched() const { return touched_; }
  const FrameCounts& counts() const { return counts_; }

 private:
  bool enter();
  std::optional<std::size_t> tail(std::size_t from);
  Frame take(std::size_t end);

  FrameOptions options_;
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;    // of what is not read yet: between frames, or just behind 0B
  std::size_t scanned_ = 0;  // inside: no end of the frame before here
  std::size_t end_ = 0;
  bool inside_ = false;
  bool touched_ = false;
  bool broken_ = false;  // after a frame that was too large
  FrameCounts counts_;
};

}  // namespace tombolo::mllp
