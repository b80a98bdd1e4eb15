// Reading Settings: what is asked for, what is found instead, and what nobody asked for.
#include "engine/base/settings.h"

#include <algorithm>

#include "engine/base/text.h"

namespace tombolo {
namespace {

const Setting& nothing() {
  static const Setting none;
  return none;
}

std::string_view found_shape(const Setting& s) {
  switch (s.shape) {
    case Setting::Shape::nothing: return "nothing";
    case Setting::Shape::scalar: return "a plain value";
    case Setting::Shape::list: return "a list";
    case Setting::Shape::map: return "a map";
  }
  return "nothing";
}

}  // namespace

const Setting* Setting::find(std::string_view key) const {
  for (const auto& member : members) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

Reader::Reader(const Setting& setting, std::string what, Diagnostics& diagnostics)
    : setting_(setting), what_(std::move(what)), diagnostics_(diagnostics) {
  if (setting.shape == Setting::Shape::scalar || setting.shape == Setting::Shape::list) {
    diagnostics_.error(setting.place, what_ + " must be a map of settings, found " + std::string(found_shape(setting)));
  }
}

bool Reader::has(std::string_view key) const { return setting_.find(key) != nullptr; }

const Setting* Reader::raw(std::string_view key) {
  asked_.emplace_back(key);
  return setting_.find(key);
}

std::optional<std::string> Reader::secret(std::string_view key) {
  const Setting* found = raw(key);
  if (!found) return std::nullopt;
  if (found->tag != "!secret") diagnostics_.error_in_private(found->place, secret_wanted);
  return found->secret;
}

const Setting& Reader::nested(std::string_view key) {
  const Setting* found = raw(key);
  return found ? *found : nothing();
}

const Setting* Reader::scalar(std::string_view key) {
  const Setting* found = raw(key);
  if (!found || found->shape == Setting::Shape::nothing) return nullptr;
  if (found->shape != Setting::Shape::scalar) {
    error(key, "expected a plain value for '" + std::string(key) + "', found " + std::string(found_shape(*found)));
    return nullptr;
  }
  if (found->tag == "!secret") {
    error(key, "'" + std::string(key) + "' is not read from a secret: write the value itself");
    return nullptr;
  }
  return found;
}

std::string Reader::text(std::string_view key, std::string_view otherwise) {
  const Setting* found = scalar(key);
  return found ? found->text : std::string(otherwise);
}

std::string Reader::required(std::string_view key) {
  std::string found = text(key);
  if (!has(key)) diagnostics_.error(setting_.place, what_ + " needs '" + std::string(key) + "'");
  else if (found.empty()) error(key, "'" + std::string(key) + "' is empty");
  return found;
}

std::string Reader::one_of(std::string_view key, const std::vector<std::string_view>& allowed, std::string_view otherwise) {
  const Setting* found = scalar(key);
  if (!found) return std::string(otherwise);
  if (std::find(allowed.begin(), allowed.end(), found->text) != allowed.end()) return found->text;
  std::string names;
  for (const auto a : allowed) names += (names.empty() ? "" : ", ") + std::string(a);
  error(key, "'" + std::string(key) + "' is one of " + names + "; found '" + found->text + "'" + suggestion(found->text, allowed));
  return std::string(otherwise);
}

bool Reader::flag(std::string_view key, bool otherwise) {
  return one_of(key, {"true", "false"}, otherwise ? "true" : "false") == "true";
}

std::int64_t Reader::number(std::string_view key, std::int64_t otherwise, std::int64_t least, std::int64_t most) {
  const Setting* found = scalar(key);
  if (!found) return otherwise;
  const auto n = to_integer(found->text);
  if (n && *n >= least && *n <= most) return *n;
  error(key, "'" + std::string(key) + "' is a number from " + std::to_string(least) + " to " + std::to_string(most) + "; found '" +
                 found->text + "'");
  return otherwise;
}

std::size_t Reader::bytes(std::string_view key, std::size_t otherwise) {
  const Setting* found = scalar(key);
  if (!found) return otherwise;
  const auto n = to_bytes(found->text);
  if (!n) error(key, "'" + std::string(key) + "' is a size such as 64KiB or 16MiB; found '" + found->text + "'");
  return n.value_or(otherwise);
}

Duration Reader::duration(std::string_view key, Duration otherwise) {
  const Setting* found = scalar(key);
  if (!found) return otherwise;
  const auto d = to_duration(found->text);
  if (!d) error(key, "'" + std::string(key) + "' is a time such as 250ms, 30s, 5m or 7d; found '" + found->text + "'");
  return d.value_or(otherwise);
}

double Reader::percent(std::string_view key, double otherwise) {
  const Setting* found = scalar(key);
  if (!found) return otherwise;
  std::string_view s = found->text;
  if (s.ends_with('%')) {
    s.remove_suffix(1);
    if (const auto n = to_integer(s); n && *n >= 0 && *n <= 100) return static_cast<double>(*n) / 100.0;
  }
  error(key, "'" + std::string(key) + "' is a percentage from 0% to 100%; found '" + found->text + "'");
  return otherwise;
}

std::vector<std::string> Reader::texts(std::string_view key) {
  const Setting* found = raw(key);
  std::vector<std::string> list;
  if (!found || found->shape == Setting::Shape::nothing) return list;
  if (found->shape == Setting::Shape::scalar) return {found->text};
  if (found->shape == Setting::Shape::map) {
    error(key, "expected a list for '" + std::string(key) + "', found a map");
    return list;
  }
  for (const auto& item : found->items) {
    if (item.shape == Setting::Shape::scalar) list.push_back(item.text);
    else diagnostics_.error(item.place, "expected a plain value, found " + std::string(found_shape(item)));
  }
  return list;
}

Place Reader::place(std::string_view key) const {
  const Setting* found = setting_.find(key);
  return found ? found->place : setting_.place;
}

void Reader::error(std::string_view key, std::string text) { diagnostics_.error(place(key), std::move(text)); }

void Reader::finish() {
  std::vector<std::string_view> known(asked_.begin(), asked_.end());
  for (const auto& [key, value, place] : setting_.members) {
    if (std::find(asked_.begin(), asked_.end(), key) != asked_.end()) continue;
    diagnostics_.error(place, what_ + " has no setting '" + key + "'" + suggestion(key, known));
  }
}

std::optional<std::size_t> to_bytes(std::string_view s) {
  constexpr std::pair<std::string_view, std::size_t> units[] = {
      {"KiB", 1u << 10}, {"MiB", 1u << 20}, {"GiB", 1u << 30}, {"KB", 1000},
      {"MB", 1'000'000}, {"GB", 1'000'000'000}, {"B", 1}, {"", 1}};
  const std::string_view digits = s.substr(0, s.find_first_not_of("0123456789"));
  const auto n = to_integer(digits);
  if (!n) return std::nullopt;
  for (const auto& [name, factor] : units) {
    std::size_t product = 0;
    if (trim(s.substr(digits.size())) == name && !__builtin_mul_overflow(static_cast<std::size_t>(*n), factor, &product)) return product;
  }
  return std::nullopt;
}

}  // namespace tombolo
