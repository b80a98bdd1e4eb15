// Message: the flat index of one v2 message. One pass over the bytes finds every segment, field, repetition, component
// and sub-component; nothing is copied and nothing unescaped. Everything here views the bytes given to index().
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "engine/base/result.h"
#include "engine/formats/hl7v2/scan.h"

namespace tombolo::hl7v2 {

// From MSH-1 and MSH-2 (chapter 2.5.4). 0: the sender named none.
struct Delimiters {
  char field = '|', component = '^', repetition = '~', escape = '\\', subcomponent = '&', truncation = 0;
};

// Reads the delimiters of bytes that begin with MSH, BHS or FHS. Fault{malformed, "MSH-1"} if the separator is missing
// or cannot be one (a letter, a digit, no printable ASCII); "MSH-2" if another delimiter is beyond ASCII.
Result<Delimiters> delimiters(std::string_view bytes);

// Bytes that stand before the first segment and are passed over: a byte order mark, blanks and empty lines.
std::size_t preamble(std::string_view bytes);

// Does a new segment begin after the line feed before `at`? A lone LF ends a segment only there, so that a stray one
// inside a text stays text: three letters or digits and the field separator, or a line end, or nothing more.
bool segment_follows(std::string_view bytes, std::size_t at, char field);

// What the text between two delimiters opens.
enum class Level : std::uint8_t { subcomponent, component, repetition, field, segment };

struct Leaf {
  std::uint32_t begin = 0;
  std::uint32_t bits = 0;  // size, and the level in the upper three bits
  std::uint32_t size() const { return bits & 0x1fffffff; }
  Level level() const { return static_cast<Level>(bits >> 29); }
};

// fields()[first + n] is the first leaf of field n; field 0 is the name. Of MSH, field 1 is the separator itself.
struct Segment {
  std::uint32_t begin = 0, end = 0;  // without the line end
  std::uint32_t first = 0;
  std::uint32_t count = 0;           // fields without the name
};

struct Limits {
  std::size_t bytes = 256u << 20;    // never more than 512 MiB - 1
  std::size_t segments = 100'000;
};

class Message {
 public:
  // Fault{malformed} where there is no MSH, Fault{too_large} over a limit. May be called again: the memory is kept.
  Result<void> index(std::string_view bytes, const Limits& limits = {}, Scan scan = fastest_scan());

  std::string_view bytes() const { return bytes_; }
  const Delimiters& delimiters() const { return delimiters_; }
  std::span<const Segment> segments() const { return {segments_.data.get(), segments_.size}; }
  std::span<const Leaf> leaves() const { return {leaves_.data.get(), leaves_.size}; }
  std::span<const std::uint32_t> fields() const { return {fields_.data.get(), fields_.size}; }

  std::string_view text(const Leaf& leaf) const { return bytes_.substr(leaf.begin, leaf.size()); }
  std::string_view name(const Segment& segment) const { return text(leaves_.data[fields_.data[segment.first]]); }
  // The leaves of one field; empty if the segment is shorter.
  std::span<const Leaf> field(const Segment& segment, std::uint32_t number) const {
    if (number > segment.count) return {};
    const std::uint32_t* const at = fields_.data.get() + segment.first + number;  // one sentinel stands at the end
    return {leaves_.data.get() + at[0], at[1] - at[0]};
  }
  // Raw text; numbers from 1, as in the standard. Empty if it is not there.
  std::string_view raw(const Segment& segment, std::uint32_t field_number) const;
  std::string_view raw(const Segment& segment, std::uint32_t field_number, std::uint32_t repetition, std::uint32_t component,
                       std::uint32_t subcomponent) const;
  // The first segment of that name, or nullptr.
  const Segment* find(std::string_view segment) const;

 private:
  template <class T>
  struct Buffer {  // grows without clearing what nobody has written yet
    std::unique_ptr<T[]> data;
    std::size_t size = 0, capacity = 0;
    void room_for(std::size_t more);
  };
  struct Pass;
  Result<void> run(Pass& pass, const Limits& limits, Scan scan);

  std::string_view bytes_;
  Delimiters delimiters_;
  Buffer<Leaf> leaves_;
  Buffer<std::uint32_t> fields_;
  Buffer<Segment> segments_;
};

}  // namespace tombolo::hl7v2
