#include "engine/schema/codes.h"

#include <algorithm>

#include "engine/base/text.h"
#include "engine/schema/csv.h"
#include "engine/schema/hash.h"

namespace tombolo {

void CodeTable::read(const File& file, Diagnostics& diagnostics) {
  if (file.place.ends_with(".back.csv")) return read_back(file, diagnostics);
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

void CodeTable::read_back(const File& file, Diagnostics& diagnostics) {
  Csv csv(file.place, file.text, diagnostics);
  if (!csv.header({"target_system", "target_code", "source_code"})) return;
  const auto number_of_file = static_cast<std::uint32_t>(files_.size());
  files_.push_back(file.place);
  while (const auto row = csv.next()) {
    const CodeRow read{(*row)[2], (*row)[0], (*row)[1], {}};
    if (read.source.empty() || read.code.empty()) {
      csv.error(read.code.empty() ? 1 : 2, read.code.empty() ? "expected a target code" : "expected a source code");
      continue;
    }
    const auto same = std::find_if(only_back_.begin(), only_back_.end(), [&](std::uint32_t n) {
      return lines_[n - 1].file == number_of_file && rows_[n - 1].system == read.system && rows_[n - 1].code == read.code;
    });
    if (same != only_back_.end()) {
      csv.error(1, std::string(read.code) + " is translated already in line " + std::to_string(lines_[*same - 1].line));
      continue;
    }
    rows_.push_back(read);
    lines_.push_back({number_of_file, csv.place().line});
    only_back_.push_back(static_cast<std::uint32_t>(rows_.size()));
  }
  unquoted_.push_back(csv.take_unquoted());
}

void CodeTable::index_back() {
  std::vector<std::uint32_t> order(only_back_.rbegin(), only_back_.rend());
  for (std::uint32_t n = 1; n <= rows_.size(); ++n)
    if (find(rows_[n - 1].source) == n) order.push_back(n);  // else it was replaced, or counts backwards only
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return rows_[a - 1].code < rows_[b - 1].code; });
  by_target_ = std::move(order);
}

std::uint32_t CodeTable::find_back(std::string_view system, std::string_view code) const {
  auto at = std::lower_bound(by_target_.begin(), by_target_.end(), code, [&](std::uint32_t n, std::string_view wanted) { return rows_[n - 1].code < wanted; });
  for (; at != by_target_.end() && rows_[*at - 1].code == code; ++at)
    if (system.empty() || rows_[*at - 1].system.empty() || rows_[*at - 1].system == system) return *at;
  return 0;
}

void CodeTable::add(const std::string& file, std::vector<Entry> entries, Diagnostics& diagnostics) {
  const auto number_of_file = static_cast<std::uint32_t>(files_.size());
  files_.push_back(file);
  for (const Entry& entry : entries_.emplace_back(std::move(entries))) {
    const std::uint32_t before = find(entry.source);
    if (before != 0 && lines_[before - 1].file == number_of_file) {
      diagnostics.error(entry.place, entry.source + " is translated already in line " + std::to_string(lines_[before - 1].line));
      continue;
    }
    rows_.push_back({entry.source, entry.system, entry.code, entry.display});
    lines_.push_back({number_of_file, entry.place.line});
    index(static_cast<std::uint32_t>(rows_.size()));
  }
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
