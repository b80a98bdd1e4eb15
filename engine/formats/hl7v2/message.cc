#include "engine/formats/hl7v2/message.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "engine/base/letters.h"

namespace tombolo::hl7v2 {
namespace {

constexpr std::size_t chunk = 4096;           // bytes scanned before their delimiters are walked: stays in the first cache
constexpr std::size_t most_bytes = (1u << 29) - 1;
constexpr std::uint8_t line_feed = 5;         // beside the levels: a line feed may be text

Leaf leaf(std::uint32_t begin, std::uint32_t end, std::uint32_t level) { return {begin, (end - begin) | level << 29}; }

}  // namespace

std::size_t preamble(std::string_view bytes) {
  std::size_t at = bytes.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  while (at < bytes.size() && is_blank(bytes[at])) ++at;
  return at;
}

// HL7 2.5, 2.5.4: a delimiter is a printable character of ASCII. Part of a longer character would cut others like it in two.
static bool printable(char c) { return c >= 0x20 && c <= 0x7E; }

Result<Delimiters> delimiters(std::string_view bytes) {
  const std::string_view name = bytes.substr(0, 3);
  if (name != "MSH" && name != "BHS" && name != "FHS") return Fault{Kind::malformed, "MSH", "expected a message that begins with MSH"};
  if (bytes.size() < 4 || is_letter_or_digit(bytes[3]) || !printable(bytes[3])) {
    return Fault{Kind::malformed, "MSH-1", "expected a field separator"};
  }
  Delimiters found;
  found.field = bytes[3];
  found.component = found.repetition = found.escape = found.subcomponent = 0;
  char* const places[] = {&found.component, &found.repetition, &found.escape, &found.subcomponent, &found.truncation};
  for (std::size_t i = 0; i < std::size(places) && i + 4 < bytes.size(); ++i) {
    const char c = bytes[i + 4];
    if (static_cast<unsigned char>(c) > 0x7E) return Fault{Kind::malformed, "MSH-2", "expected delimiters of printable ASCII"};
    if (c == found.field || !printable(c) || is_letter_or_digit(c)) break;
    *places[i] = c;
  }
  return found;
}

bool segment_follows(std::string_view bytes, std::size_t at, char field) {
  if (at >= bytes.size() || bytes[at] == '\r' || bytes[at] == '\n') return true;
  if (bytes.size() < at + 3) return false;
  for (std::size_t i = at; i < at + 3; ++i) {
    if (!is_letter_or_digit(bytes[i])) return false;
  }
  return bytes.size() == at + 3 || bytes[at + 3] == field || bytes[at + 3] == '\r' || bytes[at + 3] == '\n';
}

template <class T>
void Message::Buffer<T>::room_for(std::size_t more) {
  if (size + more <= capacity) return;
  const std::size_t larger = std::max(size + more, capacity * 2);
  auto moved = std::make_unique_for_overwrite<T[]>(larger);
  std::copy_n(data.get(), size, moved.get());
  data = std::move(moved);
  capacity = larger;
}

// Where the walk over the delimiters stands.
struct Message::Pass {
  std::array<std::uint8_t, 256> level{};  // of each delimiter
  Wanted wanted{};
  std::uint32_t from = 0;                 // where scanning begins
  std::uint32_t leaf_begin = 0, leaf_level = 0;
  std::uint32_t segment_begin = 0, segment_first = 0;
};

Result<void> Message::index(std::string_view bytes, const Limits& limits, Scan scan) {
  bytes_ = bytes;
  leaves_.size = fields_.size = segments_.size = 0;
  if (bytes.size() > std::min(limits.bytes, most_bytes)) {
    return Fault{Kind::too_large, "", "the message has " + std::to_string(bytes.size()) + " bytes, the limit is " + std::to_string(limits.bytes)};
  }
  const auto start = static_cast<std::uint32_t>(preamble(bytes));
  const auto found = hl7v2::delimiters(bytes.substr(start));
  if (!found) return found.error();
  delimiters_ = *found;

  Pass pass;
  const char weaker_first[] = {delimiters_.subcomponent, delimiters_.component, delimiters_.repetition, delimiters_.field};
  for (std::uint8_t i = 0; i < 4; ++i) {
    pass.wanted[i] = weaker_first[i] == 0 ? '\r' : weaker_first[i];
    pass.level[static_cast<unsigned char>(pass.wanted[i])] = i;
  }
  pass.wanted[4] = '\r';
  pass.wanted[5] = '\n';
  pass.level['\r'] = static_cast<std::uint8_t>(Level::segment);
  pass.level['\n'] = line_feed;

  // MSH-1 is the separator itself, MSH-2 is full of delimiters: both are laid down by hand.
  leaves_.room_for(std::min(chunk, bytes.size()) + 3);
  fields_.room_for(std::min(chunk, bytes.size()) + 4);
  leaves_.data[0] = leaf(start, start + 3, static_cast<std::uint32_t>(Level::segment));
  leaves_.data[1] = leaf(start + 3, start + 4, static_cast<std::uint32_t>(Level::field));
  leaves_.size = 2;
  for (std::uint32_t i = 0; i < 3; ++i) fields_.data[i] = i;
  fields_.size = 3;
  pass.segment_begin = start;
  pass.leaf_begin = start + 4;
  pass.leaf_level = static_cast<std::uint32_t>(Level::field);
  const char ends[] = {delimiters_.field, '\r', '\n'};
  pass.from = static_cast<std::uint32_t>(std::min(bytes.find_first_of(std::string_view(ends, 3), start + 4), bytes.size()));
  return run(pass, limits, scan);
}

Result<void> Message::run(Pass& pass, const Limits& limits, Scan scan) {
  std::array<std::uint64_t, chunk / 64> words;
  const char* const text = bytes_.data();
  const auto close_segment = [&](std::uint32_t at) {
    leaves_.data[leaves_.size++] = leaf(pass.leaf_begin, at, pass.leaf_level);
    segments_.room_for(1);
    segments_.data[segments_.size++] = {pass.segment_begin, at, pass.segment_first,
                                        static_cast<std::uint32_t>(fields_.size) - pass.segment_first - 1};
    pass.segment_first = static_cast<std::uint32_t>(fields_.size);
    fields_.data[fields_.size++] = static_cast<std::uint32_t>(leaves_.size);
  };

  for (std::size_t from = pass.from; from < bytes_.size(); from += chunk) {
    const std::size_t size = std::min(chunk, bytes_.size() - from);
    leaves_.room_for(size + 1);
    fields_.room_for(size + 2);
    scan(text + from, size, pass.wanted, words.data());
    for (std::size_t word = 0; word * 64 < size; ++word) {
      Leaf* leaves = leaves_.data.get() + leaves_.size;
      std::uint32_t* fields = fields_.data.get() + fields_.size;
      auto next_leaf = static_cast<std::uint32_t>(leaves_.size);
      std::uint32_t begin = pass.leaf_begin, level = pass.leaf_level;
      for (std::uint64_t bits = words[word]; bits != 0; bits &= bits - 1) {
        const auto at = static_cast<std::uint32_t>(from + word * 64 + static_cast<std::size_t>(std::countr_zero(bits)));
        const std::uint8_t found = pass.level[static_cast<unsigned char>(text[at])];
        if (found < static_cast<std::uint8_t>(Level::segment)) {
          *leaves++ = leaf(begin, at, level);
          *fields = ++next_leaf;
          fields += found == static_cast<std::uint8_t>(Level::field);
          begin = at + 1;
          level = found;
          continue;
        }
        if (at == pass.segment_begin) {  // an empty line, or the LF of CR LF
          begin = pass.segment_begin = at + 1;
          continue;
        }
        if (found == line_feed && !segment_follows(bytes_, at + 1, delimiters_.field)) continue;
        if (segments_.size == limits.segments) return Fault{Kind::too_large, "", "more than " + std::to_string(limits.segments) + " segments"};
        leaves_.size = next_leaf;
        fields_.size = static_cast<std::size_t>(fields - fields_.data.get());
        pass.leaf_begin = begin;
        pass.leaf_level = level;
        close_segment(at);
        begin = pass.segment_begin = at + 1;
        level = static_cast<std::uint32_t>(Level::segment);
        next_leaf = static_cast<std::uint32_t>(leaves_.size);
        leaves = leaves_.data.get() + leaves_.size;
        fields = fields_.data.get() + fields_.size;
      }
      leaves_.size = next_leaf;
      fields_.size = static_cast<std::size_t>(fields - fields_.data.get());
      pass.leaf_begin = begin;
      pass.leaf_level = level;
    }
  }
  if (pass.segment_begin < bytes_.size()) {
    if (segments_.size == limits.segments) return Fault{Kind::too_large, "", "more than " + std::to_string(limits.segments) + " segments"};
    leaves_.room_for(1);
    fields_.room_for(1);
    close_segment(static_cast<std::uint32_t>(bytes_.size()));
  }
  return {};
}

std::string_view Message::raw(const Segment& segment, std::uint32_t field_number) const {
  const auto found = field(segment, field_number);
  if (found.empty()) return {};
  return bytes_.substr(found.front().begin, found.back().begin + found.back().size() - found.front().begin);
}

std::string_view Message::raw(const Segment& segment, std::uint32_t field_number, std::uint32_t repetition, std::uint32_t component,
                              std::uint32_t subcomponent) const {
  std::uint32_t r = 1, c = 1, s = 1;
  bool first = true;
  for (const Leaf& leaf : field(segment, field_number)) {
    if (!first) {
      switch (leaf.level()) {
        case Level::subcomponent: ++s; break;
        case Level::component: ++c, s = 1; break;
        default: ++r, c = s = 1; break;
      }
    }
    first = false;
    if (r == repetition && c == component && s == subcomponent) return text(leaf);
  }
  return {};
}

const Segment* Message::find(std::string_view segment) const {
  for (const Segment& each : segments()) {
    if (name(each) == segment) return &each;
  }
  return nullptr;
}

}  // namespace tombolo::hl7v2
