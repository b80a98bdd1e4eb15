#include "engine/base/diagnostic.h"

#include <algorithm>

#include "engine/base/json.h"

namespace tombolo {
namespace {

std::string line_of(std::string_view source, int line) {
  std::size_t begin = 0;
  for (int n = 1; n < line; ++n) {
    begin = source.find('\n', begin);
    if (begin == std::string_view::npos) return {};
    ++begin;
  }
  std::string_view found = source.substr(begin, source.find('\n', begin) - begin);
  if (found.ends_with('\r')) found.remove_suffix(1);
  return std::string(found);
}

}  // namespace

std::string text(const Place& place) {
  if (place.line == 0) return place.file;
  return place.file + ":" + std::to_string(place.line) + ":" + std::to_string(std::max(place.column, 1));
}

std::string_view name(Severity severity) {
  switch (severity) {
    case Severity::error: return "error";
    case Severity::warning: return "warning";
    case Severity::note: return "note";
  }
  return "error";
}

void Diagnostics::add(Severity severity, Place place, std::string text, std::string_view source) {
  std::string quoted = place.line > 0 ? line_of(source, place.line) : std::string();
  list_.push_back({severity, std::move(place), std::move(text), std::move(quoted), false});
}

void Diagnostics::error(Place place, std::string text, std::string_view source) {
  add(Severity::error, std::move(place), std::move(text), source);
}

void Diagnostics::warning(Place place, std::string text, std::string_view source) {
  add(Severity::warning, std::move(place), std::move(text), source);
}

void Diagnostics::error_in_private(Place place, std::string text) {
  list_.push_back({Severity::error, std::move(place), std::move(text), {}, true});
}

void Diagnostics::append(const Diagnostics& others) {
  list_.insert(list_.end(), others.list_.begin(), others.list_.end());
}

void Diagnostics::append_new(const Diagnostics& others) {
  for (const auto& d : others.list_) {
    const bool known = std::any_of(list_.begin(), list_.end(), [&](const Diagnostic& k) {
      return k.place.line == d.place.line && k.place.column == d.place.column && k.place.file == d.place.file && k.text == d.text;
    });
    if (!known) list_.push_back(d);
  }
}

void Diagnostics::quote(std::string_view file, std::string_view source) {
  const auto in_private = [this](const Place& place) {
    return std::any_of(list_.begin(), list_.end(), [&](const Diagnostic& d) {
      return d.in_private && d.place.line == place.line && d.place.file == place.file;
    });
  };
  for (auto& d : list_) {
    if (d.place.file == file && d.place.line > 0 && d.quoted.empty() && !in_private(d.place)) d.quoted = line_of(source, d.place.line);
  }
}

bool Diagnostics::failed() const {
  return std::any_of(list_.begin(), list_.end(), [](const auto& d) { return d.severity == Severity::error; });
}

std::string Diagnostics::print() const {
  std::string out;
  for (const auto& d : list_) {
    out += tombolo::text(d.place) + ": " + std::string(name(d.severity)) + ": " + d.text + "\n";
    if (d.quoted.empty()) continue;
    const auto before = static_cast<std::size_t>(std::max(d.place.column, 1) - 1);
    std::string under = d.quoted.substr(0, before);
    for (char& c : under) c = c == '\t' ? '\t' : ' ';
    out += "    " + d.quoted + "\n    " + under + "^\n";
  }
  return out;
}

std::string Diagnostics::print_json() const {
  std::string out;
  for (const auto& d : list_) {
    JsonWriter json(out);
    json.begin_object();
    json.member("file", d.place.file);
    json.member("line", std::int64_t{d.place.line});
    json.member("column", std::int64_t{d.place.column});
    json.member("severity", name(d.severity));
    json.member("text", d.text);
    json.end_object();
    out += '\n';
  }
  return out;
}

Place place_of(std::string file, std::string_view source, std::size_t offset) {
  offset = std::min(offset, source.size());
  const std::string_view before = source.substr(0, offset);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t last = before.rfind('\n');
  const std::size_t column = last == std::string_view::npos ? offset + 1 : offset - last;
  return {std::move(file), static_cast<int>(line), static_cast<int>(column)};
}

}  // namespace tombolo
