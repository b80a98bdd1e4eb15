#include "engine/formats/hl7v2/peek.h"

#include <algorithm>

#include "engine/formats/hl7v2/address.h"
#include "engine/formats/hl7v2/decode.h"
#include "engine/formats/hl7v2/escape.h"
#include "engine/formats/hl7v2/header.h"

namespace tombolo::hl7v2 {
namespace {

constexpr std::size_t most_keys = 64;  // of one list: a batch-like result message must not fill the index

constexpr std::uint32_t packed(std::string_view name) {  // a segment's three letters as one number
  return static_cast<unsigned char>(name[0]) | static_cast<std::uint32_t>(static_cast<unsigned char>(name[1])) << 8 |
         static_cast<std::uint32_t>(static_cast<unsigned char>(name[2])) << 16;
}

// One path, ready to be compared with segment names.
struct Look {
  std::uint32_t segment;
  int at, field, repetition, component, subcomponent;
  std::string_view kind;
};
constexpr Look order_looks[] = {{packed("PID"), 0, 3, 1, 1, 1, ""}, {packed("MRG"), 0, 1, 1, 1, 1, ""}};
constexpr Look index_looks[] = {{packed("PID"), 0, 3, 1, 1, 1, "patient"}, {packed("PV1"), 0, 19, 1, 1, 1, "visit"},  {packed("ORC"), 0, 2, 1, 1, 1, "order"},
                                {packed("ORC"), 0, 3, 1, 1, 1, "order"},   {packed("OBR"), 0, 2, 1, 1, 1, "order"},   {packed("OBR"), 0, 3, 1, 1, 1, "order"},
                                {packed("OBR"), 0, 18, 1, 1, 1, "accession"}};

Result<Look> look(const Address& address, std::string_view kind) {
  if (address.field == 0 || address.segment.name.size() != 3) return Fault{Kind::unsupported, text(address), "expected a segment and a field"};
  return Look{packed(address.segment.name), address.segment.at, address.field, std::max(address.repetition, 1),
              std::max(address.component, 1), address.subcomponent, kind};
}

// The site's own paths; addresses live beside the looks that view them.
struct Looks {
  std::vector<Address> addresses;
  std::vector<Look> own;
  std::span<const Look> list;

  template <class Paths, class PathOf, class KindOf>
  Result<void> read(const Paths& paths, std::span<const Look> otherwise, PathOf path_of, KindOf kind_of) {
    list = otherwise;
    if (paths.empty()) return {};
    addresses.reserve(paths.size());
    for (const auto& each : paths) {
      auto address = parse_address(path_of(each));
      if (!address) return address.error();
      addresses.push_back(std::move(*address));
      const auto found = look(addresses.back(), kind_of(each));
      if (!found) return found.error();
      own.push_back(*found);
    }
    list = own;
    return {};
  }
};

// Reads single values out of the message as UTF-8 text.
class Values {
 public:
  Values(const Header& header, std::string charset) : header_(header), charset_(std::move(charset)) {}

  std::string text(std::string_view raw) {
    if (raw.empty() || raw == "\"\"") return {};
    if (raw.find(header_.delimiters().escape) != raw.npos) raw = unescape(raw, header_.delimiters(), arena_, charset_);
    return ascii(raw) && charset_ == "UTF-8" ? std::string(raw) : decode_piece(raw, charset_);
  }
  std::string at(std::string_view segment, const Look& look) {
    const Delimiters& d = header_.delimiters();
    const bool is_header = segment.data() == header_.segment().data();
    const std::string_view raw = is_header ? header_.field(look.field) : field(segment, d.field, look.field);
    return text(look.subcomponent == 0 ? component(raw, d, look.repetition, look.component)
                                       : part(raw, d, look.repetition, look.component, look.subcomponent));
  }

 private:
  const Header& header_;
  std::string charset_;
  Arena arena_;
};

void add_once(std::vector<std::string>& list, std::string value) {
  if (value.empty() || list.size() >= most_keys || std::find(list.begin(), list.end(), value) != list.end()) return;
  list.push_back(std::move(value));
}

void add_once(std::vector<BusinessKey>& list, std::string_view kind, std::string value) {
  if (value.empty() || list.size() >= most_keys) return;
  for (const BusinessKey& key : list) {
    if (key.kind == kind && key.value == value) return;
  }
  list.push_back({std::string(kind), std::move(value)});
}

void read_header(const Header& header, Values& values, const V2Dictionary& dictionary, Peek& peek) {
  const Delimiters& d = header.delimiters();
  const auto first = [&](int n, int c) { return part(header.field(n), d, 1, c, 1); };
  const std::string_view code = first(9, 1), event = first(9, 2), version = first(12, 1);
  peek.type = values.text(code);
  if (!event.empty()) peek.type.append("^").append(values.text(event));
  const V2Structure* const structure = dictionary.structure(code, event, first(9, 3), dictionary.nearest(version));
  peek.structure = structure != nullptr ? std::string(structure->name) : values.text(first(9, 3));
  peek.version = values.text(version);
  const auto name = [&](int n) { return values.text(first(n, 1).empty() ? first(n, 2) : first(n, 1)); };
  peek.sender = name(3).append("|").append(name(4));
  peek.control_id = values.text(first(10, 1));
  peek.processing = values.text(first(11, 1));
  peek.accept_ack = values.text(first(15, 1));
  peek.application_ack = values.text(first(16, 1));
}

// Calls visit(text) for every segment.
template <class Visit>
void each_segment(std::string_view bytes, char line, Visit visit) {
  while (!bytes.empty()) {
    const std::size_t end = segment_end(bytes, line);
    std::string_view segment = bytes.substr(0, end);
    while (!segment.empty() && (segment.front() == '\n' || segment.front() == '\r')) segment.remove_prefix(1);
    while (!segment.empty() && (segment.back() == '\r' || segment.back() == '\n')) segment.remove_suffix(1);
    if (segment.size() >= 3) visit(segment);
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
}

std::string_view decoded(std::string_view bytes, const Reading& reading, Arena& arena) {
  std::vector<Complaint> unheard;
  return decode(bytes, reading, arena, unheard).text;
}

// The configured fields joined; nothing if all are empty.
std::string join(const std::vector<std::string>& parts) {
  if (std::all_of(parts.begin(), parts.end(), [](const std::string& part) { return part.empty(); })) return {};
  std::string out;
  for (const std::string& part : parts) out.append(part).append("|");
  out.pop_back();
  return out;
}

}  // namespace

Result<Peek> peek(std::string_view bytes, const PeekPaths& paths, const Reading& reading, const V2Dictionary& dictionary) {
  Arena arena;
  const bool by_mark = wide(charset_by_mark(bytes));
  if (by_mark) bytes = decoded(bytes, reading, arena);
  auto header = Header::read(bytes.substr(preamble(bytes)));
  if (!header) return header.error();
  std::string charset = by_mark ? "UTF-8" : charset_of(*header, reading);
  if (!aligned(charset)) {  // a character's byte may look like a delimiter
    bytes = decoded(bytes, reading, arena);
    header = Header::read(bytes.substr(preamble(bytes)));
    if (!header) return header.error();
    charset = "UTF-8";
  }
  bytes.remove_prefix(preamble(bytes));

  Looks order, duplicate, index;
  const auto itself = [](const std::string& path) -> std::string_view { return path; };
  const auto no_kind = [](const std::string&) { return std::string_view{}; };
  if (const auto done = order.read(paths.order, order_looks, itself, no_kind); !done) return done.error();
  if (const auto done = duplicate.read(paths.duplicate, {}, itself, no_kind); !done) return done.error();
  if (const auto done = index.read(paths.index, index_looks, [](const auto& path) -> std::string_view { return path.second; },
                                   [](const auto& path) -> std::string_view { return path.first; });
      !done) {
    return done.error();
  }

  Peek peek;
  Values values(*header, std::move(charset));
  read_header(*header, values, dictionary, peek);
  add_once(peek.keys, "control", peek.control_id);
  std::vector<std::string> duplicate_parts(duplicate.list.size());
  std::vector<int> order_seen(order.list.size()), duplicate_seen(duplicate.list.size()), index_seen(index.list.size());
  each_segment(bytes, header->line(), [&](std::string_view segment) {
    const std::uint32_t name = packed(segment);
    const auto wanted = [&](const Look& look, int& seen) { return look.segment == name && (++seen == look.at || look.at == 0); };
    for (std::size_t i = 0; i < order.list.size(); ++i) {
      if (wanted(order.list[i], order_seen[i])) add_once(peek.order_keys, values.at(segment, order.list[i]));
    }
    for (std::size_t i = 0; i < index.list.size(); ++i) {
      if (wanted(index.list[i], index_seen[i])) add_once(peek.keys, index.list[i].kind, values.at(segment, index.list[i]));
    }
    for (std::size_t i = 0; i < duplicate.list.size(); ++i) {
      if (wanted(duplicate.list[i], duplicate_seen[i]) && duplicate_parts[i].empty()) duplicate_parts[i] = values.at(segment, duplicate.list[i]);
    }
  });
  if (paths.duplicate.empty()) {
    if (!peek.control_id.empty()) peek.duplicate_key = values.text(header->field(3)) + "|" + values.text(header->field(4)) + "|" + peek.control_id;
  } else {
    peek.duplicate_key = join(duplicate_parts);
  }
  if (peek.order_keys.empty()) peek.order_keys.push_back(peek.sender);
  return peek;
}

}  // namespace tombolo::hl7v2
