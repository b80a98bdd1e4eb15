#include "engine/connectors/mllp/frames.h"

#include <algorithm>
#include <cstring>

namespace tombolo::mllp {
namespace {

constexpr std::size_t first_capacity = 16u << 10;
constexpr std::size_t kept_capacity = 256u << 10;  // a larger buffer is given back after its frame
constexpr std::string_view nothing{"\r\n \t\0", 5};

// The last place in `frame` where another one begins; 0 if there is none.
std::size_t begun_again(std::string_view frame) {
  std::size_t last = 0;
  for (std::size_t at = frame.find(frame_begin); at != std::string_view::npos; at = frame.find(frame_begin, at + 1)) {
    const std::string_view head = frame.substr(at + 1, 3);
    if (head == "MSH" || head == "FHS" || head == "BHS") last = at + 1;
  }
  return last;
}

}  // namespace

void append_frame(std::string& out, std::string_view message) {
  out += frame_begin;
  out += message;
  out += frame_tail;
}

std::span<char> FrameReader::room() {
  if (begin_ == end_) {
    begin_ = scanned_ = end_ = 0;
    if (capacity_ > kept_capacity) buffer_.reset(), capacity_ = 0;
  }
  if (capacity_ - end_ >= std::max<std::size_t>(capacity_ / 4, 1)) return {buffer_.get() + end_, capacity_ - end_};

  const std::size_t held = end_ - begin_;
  const std::size_t wanted =
      held > capacity_ / 2 || capacity_ == 0 ? std::max(first_capacity, capacity_ * 2) : capacity_;
  auto fresh = wanted == capacity_ ? nullptr : std::make_unique_for_overwrite<char[]>(wanted);
  if (held > 0) std::memmove(fresh ? fresh.get() : buffer_.get(), buffer_.get() + begin_, held);
  if (fresh) buffer_ = std::move(fresh), capacity_ = wanted;
  scanned_ -= std::min(scanned_, begin_);
  begin_ = 0;
  end_ = held;
  return {buffer_.get() + end_, capacity_ - end_};
}

std::optional<Frame> FrameReader::next() {
  if (broken_) {
    begin_ = end_;
    return std::nullopt;
  }
  if (!inside_ && !enter()) return std::nullopt;
  const auto end = tail(std::max(scanned_, begin_));
  const std::size_t size = (end ? *end : end_) - begin_;
  if (size > options_.max_message + (end ? 0 : frame_tail.size())) {
    broken_ = true;
    inside_ = false;
    const std::string_view head(buffer_.get() + begin_, std::min<std::size_t>(size, options_.max_message));
    begin_ = end_;
    return Frame{head, true};
  }
  if (!end) return std::nullopt;
  return take(*end);
}

// Between frames: to the byte behind the next 0B. False: there is none yet.
bool FrameReader::enter() {
  if (begin_ == end_) return false;
  touched_ = true;
  const std::string_view rest(buffer_.get() + begin_, end_ - begin_);
  const std::size_t found = rest.find(frame_begin);
  const std::string_view stray = rest.substr(0, found);
  if (!stray.empty() && stray.find_first_not_of(nothing) != std::string_view::npos) counts_.garbage += stray.size();
  begin_ += found == std::string_view::npos ? rest.size() : found + 1;
  scanned_ = begin_;
  inside_ = found != std::string_view::npos;
  return inside_;
}

// The place of the 1C that ends the frame. None: not here yet, and the next search begins where this one had to stop.
std::optional<std::size_t> FrameReader::tail(std::size_t from) {
  for (;;) {
    const auto* const found = static_cast<const char*>(std::memchr(buffer_.get() + from, frame_end, end_ - from));
    const std::size_t at = found == nullptr ? end_ : static_cast<std::size_t>(found - buffer_.get());
    scanned_ = at;
    if (found == nullptr) return std::nullopt;
    if (options_.missing_cr) return at;
    if (at + 1 == end_) return std::nullopt;
    if (buffer_[at + 1] == frame_tail[1] || buffer_[at + 1] == frame_begin) return at;
    from = at + 1;
  }
}

Frame FrameReader::take(std::size_t end) {
  std::string_view frame(buffer_.get() + begin_, end - begin_);
  begin_ = end + 1;
  if (begin_ < end_ && buffer_[begin_] == frame_tail[1]) ++begin_;
  inside_ = false;
  if (const std::size_t again = begun_again(frame); again > 0) {
    ++counts_.cut;
    frame.remove_prefix(again);
  }
  ++counts_.frames;
  return {frame, false};
}

}  // namespace tombolo::mllp
