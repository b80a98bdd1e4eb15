#include "engine/schema/codes.h"

#include <algorithm>

#include "engine/base/text.h"
#include "engine/schema/csv.h"
#include "engine/schema/hash.h"

namespace tombolo {

void CodeTable::read(const File& file, Diagnostics& diagnostics) {
  Csv csv(file.place, file.text, diagnostics);
  if (!csv.header({"source_code", "target_system", "target_code", "target_display"})) return;
  const auto number_of_file = static_cast<std::uint32_t>(files_.size());
  files_.push_back(file.place);
  while (const auto row = csv.next()) {
    const CodeRow read{(*row)[0], (*row)[1], (*row)[2], (*row)[3]};
    if (read.source.empty()) {
      csv.error(0, "expected a source code");
      continue;
    }
    if (read.code.empty()) {
      csv.error(2, "expected a target code");
      continue;
    }
    const std::uint32_t before = find(read.source);
    if (before != 0 && lines_[before - 1].file == number_of_file) {
      csv.error(0, std::string(read.source) + " is translated already in line " + std::to_string(lines_[before - 1].line));
      continue;
    }
    rows_.push_back(read);
    lines_.push_back({number_of_file, csv.line()});
    index(static_cast<std::uint32_t>(rows_.size()));
  }
  unquoted_.push_back(csv.take_unquoted());
}

std::uint32_t CodeTable::find(std::string_view source) const {
  if (slots_.empty()) return 0;
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = hash(source) & mask; slots_[at] != 0; at = (at + 1) & mask) {
    if (rows_[slots_[at] - 1].source == source) return slots_[at];
  }
  return 0;
}

Place CodeTable::place(std::uint32_t number) const {
  const Line& line = lines_[number - 1];
  return {files_[line.file], line.line, 1};
}

// Enters a row; one with the same source code gives way.
void CodeTable::index(std::uint32_t number) {
  if (rows_.size() * 2 > slots_.size()) grow();
  const std::size_t mask = slots_.size() - 1;
  const std::string_view source = rows_[number - 1].source;
  std::size_t at = hash(source) & mask;
  while (slots_[at] != 0 && rows_[slots_[at] - 1].source != source) at = (at + 1) & mask;
  slots_[at] = number;
}

void CodeTable::grow() {
  std::vector<std::uint32_t> before(std::max<std::size_t>(16, slots_.size() * 2), 0);
  before.swap(slots_);
  for (const auto number : before) {
    if (number != 0) index(number);
  }
}

void ExtensionTable::read(const File& file, Diagnostics& diagnostics) {
  Csv csv(file.place, file.text, diagnostics);
  if (!csv.header({"name", "url", "type"})) return;
  while (const auto row = csv.next()) {
    ExtensionRow read{(*row)[0], (*row)[1], {}};
    if (read.name.empty() || read.url.empty()) {
      csv.error(read.name.empty() ? 0 : 1, read.name.empty() ? "expected a name" : "expected a url");
      continue;
    }
    if (!(*row)[2].empty()) read.types = split((*row)[2], '|');
    const auto at = std::lower_bound(rows_.begin(), rows_.end(), read.name, [](const auto& a, std::string_view b) { return a.name < b; });
    if (at != rows_.end() && at->name == read.name) *at = std::move(read);
    else rows_.insert(at, std::move(read));
  }
  unquoted_.push_back(csv.take_unquoted());
}

const ExtensionRow* ExtensionTable::find(std::string_view name) const {
  const auto at = std::lower_bound(rows_.begin(), rows_.end(), name, [](const auto& a, std::string_view b) { return a.name < b; });
  return at != rows_.end() && at->name == name ? &*at : nullptr;
}

std::vector<std::string_view> ExtensionTable::names() const {
  std::vector<std::string_view> names;
  for (const auto& row : rows_) names.push_back(row.name);
  return names;
}

}  // namespace tombolo
