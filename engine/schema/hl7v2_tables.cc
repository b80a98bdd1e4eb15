// Reading the tables of HL7 v2: types and segments, structures, events, code tables.
#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>

#include "engine/schema/hl7v2.h"

namespace tombolo {
namespace {

constexpr std::array<std::string_view, 12> all_versions{"2.1", "2.2", "2.3", "2.3.1", "2.4", "2.5",
                                                        "2.5.1", "2.6", "2.7", "2.8", "2.8.1", "2.8.2"};

// Spellings of one family of data types. The tables know only the right-hand names.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> families{
    {{"CE", "CWE"}, {"CNE", "CWE"}, {"CF", "CWE"}, {"TS", "DTM"}, {"CN", "XCN"}}};

// The lines of a table, split at tabs; comments are passed over.
class Rows {
 public:
  Rows(std::string_view text, std::string_view file) : text_(text), file_(file) {}

  bool next() {
    while (!text_.empty()) {
      ++line_;
      const auto end = std::min(text_.find('\n'), text_.size());
      std::string_view row = text_.substr(0, end);
      text_.remove_prefix(std::min(end + 1, text_.size()));
      if (row.empty() || row.front() == '#') continue;
      count_ = 0;
      for (std::size_t tab = row.find('\t'); tab != row.npos && count_ + 1 < columns_.size(); tab = row.find('\t')) {
        columns_[count_++] = row.substr(0, tab);
        row.remove_prefix(tab + 1);
      }
      columns_[count_++] = row;
      return true;
    }
    return false;
  }
  std::size_t size() const { return count_; }
  std::string_view operator[](std::size_t column) const {
    if (column >= count_) fail("a column is missing");
    return columns_[column];
  }
  template <class Number = int>
  Number number(std::size_t column, int base = 10) const {
    const std::string_view digits = (*this)[column];
    Number n = 0;
    const auto [end, wrong] = std::from_chars(digits.data(), digits.data() + digits.size(), n, base);
    if (wrong != std::errc{} || end != digits.data() + digits.size()) fail("not a number: " + std::string(digits));
    return n;
  }
  V2Versions versions(std::size_t column) const { return number<V2Versions>(column, 16); }
  [[noreturn]] void fail(const std::string& what) const {
    throw std::runtime_error(std::string(file_) + ":" + std::to_string(line_) + ": " + what);
  }

 private:
  std::string_view text_, file_;
  std::array<std::string_view, 9> columns_;
  std::size_t count_ = 0;
  int line_ = 0;
};

std::string_view load(const Library& library, const char* name) {
  const auto file = library.find(name);
  if (!file) throw std::runtime_error(std::string(name) + ": not found");
  return file->text;
}

// Rows of types.tsv and segments.tsv: an owner's line, then its fields. Calls owner(name, where its fields begin).
template <class OnOwner>
void read_fields(Rows rows, std::vector<V2Field>& fields, std::vector<std::string_view>& types, OnOwner on_owner) {
  while (rows.next()) {
    if (rows.size() == 1) {
      on_owner(rows[0]);
      continue;
    }
    V2Field& field = fields.emplace_back();
    field.number = rows.number(0);
    types.push_back(rows[1]);
    field.tables = rows[2];
    field.table = field.tables.substr(0, field.tables.find(' '));
    field.known = rows.versions(3);
    field.required = rows.versions(4);
    field.repeating = rows.versions(5);
    if (!rows[6].empty()) field.most = rows.number(6);
    field.spelled = rows[7].empty() ? rows[1] : rows[7];
    field.name = rows[8];
    field.element = static_cast<std::uint32_t>(fields.size());
  }
}

}  // namespace

V2Dictionary::V2Dictionary(const Library& library) : versions_(all_versions.begin(), all_versions.end()) {
  read_fields_of(load(library, "schemas/hl7v2/types.tsv"), load(library, "schemas/hl7v2/segments.tsv"));
  read_structures(load(library, "schemas/hl7v2/structures.tsv"));
  read_events(load(library, "schemas/hl7v2/events.tsv"));
  read_tables(load(library, "schemas/hl7v2/tables.tsv"));
}

void V2Dictionary::read_fields_of(std::string_view types_text, std::string_view segments_text) {
  std::vector<std::string_view> type_names;  // of fields_[i]
  std::vector<std::size_t> type_begins, segment_begins;
  fields_.reserve(4096);
  read_fields(Rows(types_text, "schemas/hl7v2/types.tsv"), fields_, type_names, [&](std::string_view name) {
    types_.emplace_back().name = name;
    type_begins.push_back(fields_.size());
  });
  type_begins.push_back(fields_.size());
  read_fields(Rows(segments_text, "schemas/hl7v2/segments.tsv"), fields_, type_names, [&](std::string_view name) {
    segments_.emplace_back().name = name;
    segment_begins.push_back(fields_.size());
  });
  segment_begins.push_back(fields_.size());

  const std::span<const V2Field> all(fields_);  // no more are added: views and pointers hold from here on
  for (std::size_t i = 0; i < types_.size(); ++i) {
    types_[i].components = all.subspan(type_begins[i], type_begins[i + 1] - type_begins[i]);
    types_[i].primitive = types_[i].components.empty() || types_[i].name == "DTM";
    type_by_name_.emplace(types_[i].name, &types_[i]);
  }
  for (const auto& [spelling, name] : families) type_by_name_.emplace(spelling, type(name));
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    segments_[i].fields = all.subspan(segment_begins[i], segment_begins[i + 1] - segment_begins[i]);
    segment_by_name_.emplace(segments_[i].name, &segments_[i]);
  }
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    fields_[i].type = type(type_names[i]);
    if (fields_[i].type == nullptr) throw std::runtime_error("schemas/hl7v2: no data type called " + std::string(type_names[i]));
  }
}

void V2Dictionary::read_structures(std::string_view text) {
  std::vector<std::size_t> begins;
  std::size_t open[16] = {};  // per depth, the item that is being filled
  Rows rows(text, "schemas/hl7v2/structures.tsv");
  items_.reserve(8192);
  const auto close = [&](std::size_t from) {  // what is open at this depth and deeper ends here
    const auto end = static_cast<std::uint16_t>(items_.size() - begins.back());
    for (std::size_t depth = from; depth < std::size(open); ++depth) {
      if (open[depth] != 0 || depth == 0) items_[open[depth] == 0 ? begins.back() : open[depth]].end = end;
      open[depth] = 0;
    }
  };
  while (rows.next()) {
    if (rows.size() == 2) {
      if (!begins.empty()) close(0);
      begins.push_back(items_.size());
      V2Item& root = items_.emplace_back();
      structures_.emplace_back().name = root.name = rows[0];
      structures_.back().versions = root.known = rows.versions(1);
      continue;
    }
    const auto depth = rows.number<std::size_t>(0);
    if (begins.empty() || depth == 0 || depth >= std::size(open) || (depth > 1 && open[depth - 1] == 0)) rows.fail("no such depth here");
    close(depth);
    const std::size_t above = depth == 1 ? begins.back() : open[depth - 1];
    open[depth] = items_.size();
    V2Item& item = items_.emplace_back();
    item.name = rows[1];
    if (item.name.ends_with(':')) item.name.remove_suffix(1);
    else if ((item.segment = segment(item.name)) == nullptr) rows.fail("no segment called " + std::string(item.name));
    item.known = rows.versions(2);
    item.required = rows.versions(3);
    item.repeating = rows.versions(4);
    item.depth = static_cast<std::uint16_t>(depth);
    item.parent = static_cast<std::uint16_t>(above - begins.back());
  }
  if (!begins.empty()) close(0);
  begins.push_back(items_.size());
  for (std::size_t i = 0; i < items_.size(); ++i) items_[i].element = static_cast<std::uint32_t>(fields_.size() + i + 1);
  for (std::size_t i = 0; i < structures_.size(); ++i) {
    structures_[i].items = std::span<const V2Item>(items_).subspan(begins[i], begins[i + 1] - begins[i]);
    structure_by_name_.emplace(structures_[i].name, &structures_[i]);
  }
}

void V2Dictionary::read_events(std::string_view text) {
  Rows rows(text, "schemas/hl7v2/events.tsv");
  while (rows.next()) {
    const V2Structure* const known = structure(rows[1]);
    if (known == nullptr) rows.fail("no structure called " + std::string(rows[1]));
    events_[rows[0]].push_back({rows.versions(2), known});
  }
}

void V2Dictionary::read_tables(std::string_view text) {
  Rows rows(text, "schemas/hl7v2/tables.tsv");
  while (rows.next()) table_by_name_.emplace(rows[0], V2Table{rows[0], rows[1] == "HL7", rows[2]});
}

}  // namespace tombolo
