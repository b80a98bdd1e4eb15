#include "engine/formats/hl7v2/batch.h"

#include <algorithm>
#include <array>
#include <bit>

#include "engine/base/letters.h"
#include "engine/base/text.h"
#include "engine/formats/hl7v2/decode.h"
#include "engine/formats/hl7v2/header.h"
#include "engine/formats/hl7v2/scan.h"

namespace tombolo::hl7v2 {
namespace {

constexpr std::string_view between("\x0B\x1C\r\n", 4);  // line ends and MLLP's frame bytes

bool punctuation(char c) {
  return static_cast<unsigned char>(c) >= 0x20 && !is_letter_or_digit(c);
}

// The name of the segment at `at` if it is one of the five that cut a batch, else nothing.
std::string_view cutting(std::string_view bytes, std::size_t at) {
  const char first = bytes.substr(at).empty() ? '\0' : bytes[at];
  if (first != 'M' && first != 'B' && first != 'F') return {};
  const std::string_view name = bytes.substr(at, 3);
  const bool header = name == "MSH" || name == "BHS" || name == "FHS";
  if (header && at + 3 < bytes.size() && punctuation(bytes[at + 3])) return name;
  const bool trailer = name == "BTS" || name == "FTS";
  if (trailer && (at + 3 == bytes.size() || punctuation(bytes[at + 3]) || bytes[at + 3] == '\r' || bytes[at + 3] == '\n')) return name;
  return {};
}

// The next place after `at` where a line begins with one of the five.
std::size_t next_cut(std::string_view bytes, std::size_t at) {
  static constexpr Wanted line_ends{'\r', '\n', '\x0B', '\x1C', '\r', '\n'};
  std::array<std::uint64_t, 16> words;
  const Scan scan = fastest_scan();
  for (; at < bytes.size(); at += words.size() * 64) {
    const std::size_t size = std::min(words.size() * 64, bytes.size() - at);
    scan(bytes.data() + at, size, line_ends, words.data());
    for (std::size_t word = 0; word * 64 < size; ++word) {
      for (std::uint64_t bits = words[word]; bits != 0; bits &= bits - 1) {
        const std::size_t next = at + word * 64 + static_cast<std::size_t>(std::countr_zero(bits)) + 1;
        if (next < bytes.size() && !cutting(bytes, next).empty()) return next;
      }
    }
  }
  return bytes.size();
}

std::string_view line(std::string_view text) { return text.substr(0, std::min(text.find_first_of("\r\n"), text.size())); }

// A message of several: without what stands between it and the next, but with its own line end.
std::string_view without_gap(std::string_view text) {
  const std::size_t last = text.find_last_not_of(between);
  std::size_t end = last == text.npos ? 0 : last + 1;
  if (end < text.size() && text[end] == '\r') ++end;
  if (end < text.size() && text[end] == '\n') ++end;
  return text.substr(0, end);
}

void check_count(Batch& batch, std::string_view trailer, std::string_view delimiters_from, const char* place, std::size_t found) {
  const char separator = trailer.size() > 3 ? trailer[3] : delimiters_from.size() > 3 ? delimiters_from[3] : '|';
  const auto stated = to_integer(trim(field(trailer, separator, 1)));
  if (!stated || *stated == static_cast<std::int64_t>(found)) return;
  batch.complaints.push_back({place, "102", "W", "says " + std::to_string(*stated) + ", found " + std::to_string(found)});
}

// A header turned round: receiver and sender change places, the date and control id are new, the old one is referred to.
std::string turned(std::string_view bytes, Time now, std::string_view id) {
  const auto header = Header::read(bytes);
  if (!header) return {};
  const char f = header->delimiters().field;
  std::string out(header->field(0));
  const std::string date = hl7_time(now);
  const std::string_view fields[] = {header->field(2), header->field(5), header->field(6), header->field(3), header->field(4), date,
                                     "",               "",               "",               id,               header->field(11)};
  for (const auto& field : fields) (out += f) += field;
  return out + "\r";
}

std::string trailer(const char* name, std::string_view header, std::size_t count) {
  return name + std::string(header.substr(3, 1)) + std::to_string(count) + "\r";
}

}  // namespace

Result<Batch> read_batch(std::string_view bytes) {
  Batch batch;
  if (wide(charset_by_mark(bytes))) {  // never a batch
    batch.messages.push_back(bytes);
    return batch;
  }
  std::size_t at = preamble(bytes);
  while (at < bytes.size() && between.find(bytes[at]) != between.npos) ++at;
  if (cutting(bytes, at).empty()) at = next_cut(bytes, at);
  std::size_t in_batch = 0, batches = 0;
  bool first = true;
  while (at < bytes.size()) {
    const std::size_t next = next_cut(bytes, at);
    const std::string_view piece = bytes.substr(at, next - at);
    const std::string_view name = cutting(bytes, at);
    if (name == "MSH") {
      if (first && next == bytes.size()) {
        batch.messages.push_back(bytes);
        return batch;
      }
      batch.messages.push_back(without_gap(piece));
      ++in_batch;
    } else if (name == "FHS") {
      if (batch.file_header.empty()) batch.file_header = line(piece);
    } else if (name == "BHS") {
      if (batch.header.empty()) batch.header = line(piece);
      in_batch = 0;
      ++batches;
    } else if (name == "BTS") {
      check_count(batch, line(piece), batch.header, "BTS-1", in_batch);
      in_batch = 0;
    } else {
      check_count(batch, line(piece), batch.file_header, "FTS-1", std::max<std::size_t>(batches, 1));
    }
    first = false;
    at = next;
  }
  if (batch.messages.empty() && !batch.framed()) return Fault{Kind::malformed, "MSH", "expected a message that begins with MSH"};
  return batch;
}

std::string answer_batch(std::string_view bytes, const std::vector<std::string>& answers, Time now, std::string_view id) {
  const auto batch = read_batch(bytes);
  std::string out;
  if (batch) {
    if (!batch->file_header.empty()) out += turned(batch->file_header, now, id);
    if (!batch->header.empty()) out += turned(batch->header, now, id);
  }
  for (const std::string& answer : answers) out += answer;
  if (batch) {
    if (!batch->header.empty()) out += trailer("BTS", batch->header, answers.size());
    if (!batch->file_header.empty()) out += trailer("FTS", batch->file_header, 1);
  }
  return out;
}

}  // namespace tombolo::hl7v2
