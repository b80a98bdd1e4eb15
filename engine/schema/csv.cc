#include "engine/schema/csv.h"

#include <algorithm>

#include "engine/base/text.h"

namespace tombolo {

Csv::Csv(std::string file, std::string_view text, Diagnostics& diagnostics)
    : file_(std::move(file)), text_(text), diagnostics_(diagnostics) {
  if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
}

bool Csv::header(const std::vector<std::string_view>& columns) {
  columns_ = columns.size();
  if (read_row() && row_ == columns) return true;
  std::string wanted;
  for (const auto column : columns) wanted += (wanted.empty() ? "" : ",") + std::string(column);
  begins_.resize(1);
  error(0, "expected the columns " + wanted);
  return false;
}

std::optional<std::vector<std::string_view>> Csv::next() {
  while (read_row()) {
    if (row_.size() == columns_) return row_;
    error(0, "expected " + std::to_string(columns_) + " fields, found " + std::to_string(row_.size()));
  }
  return std::nullopt;
}

Place Csv::place(std::size_t field) const { return place_of(file_, text_, field < begins_.size() ? begins_[field] : 0); }

void Csv::error(std::size_t field, std::string what) const { diagnostics_.error(place(field), std::move(what), text_); }

// Passes over comments and empty lines; a row whose quotes are wrong is an error, and passed over too.
bool Csv::read_row() {
  while (at_ < text_.size()) {
    const std::size_t end = std::min(text_.find('\n', at_), text_.size());
    if (text_[at_] == '#' || trim(text_.substr(at_, end - at_)).empty()) {
      at_ = end + 1;
      continue;
    }
    line_ += static_cast<int>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(counted_), text_.begin() + static_cast<std::ptrdiff_t>(at_), '\n'));
    counted_ = at_;
    row_.clear();
    begins_.clear();
    bool sound = true;
    do {
      begins_.push_back(at_);
      const auto field = read_field();
      sound = field.has_value();
      if (sound) row_.push_back(*field);
    } while (sound && at_ < text_.size() && text_[at_++] == ',');
    if (sound) return true;
    at_ = std::min(text_.find('\n', at_), text_.size()) + 1;
  }
  return false;
}

// Ends before the comma or the line's end; a CR before LF belongs to the end.
std::optional<std::string_view> Csv::read_field() {
  const std::size_t begin = at_;
  if (begin >= text_.size() || text_[begin] != '"') {
    at_ = std::min(text_.find_first_of(",\n", begin), text_.size());
    std::string_view field = text_.substr(begin, at_ - begin);
    if (field.ends_with('\r')) field.remove_suffix(1);
    return field;
  }
  std::string joined;
  bool doubled = false;
  std::size_t from = begin + 1;
  for (std::size_t quote = from;;) {
    quote = text_.find('"', quote);
    if (quote == text_.npos) {
      at_ = begin;
      error(begins_.size() - 1, "this quoted field does not end");
      return std::nullopt;
    }
    if (text_.substr(quote + 1).starts_with('"')) {
      joined.append(text_, from, quote + 1 - from);
      doubled = true;
      from = quote = quote + 2;
      continue;
    }
    at_ = quote + 1;
    if (text_.substr(at_).starts_with("\r\n")) ++at_;
    if (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '\n') {
      error(begins_.size() - 1, "expected a comma or the end of the line after the quoted field");
      return std::nullopt;
    }
    if (!doubled) return text_.substr(from, quote - from);
    joined.append(text_, from, quote - from);
    return unquoted_.emplace_back(std::move(joined));
  }
}

}  // namespace tombolo
