#include "engine/base/settings.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cstdlib>
#include <set>
#include <sstream>

#include "engine/base/text.h"

namespace tombolo {
namespace {

// Builds Settings from yaml-cpp's events rather than its nodes: events have the position of every key, and duplicate keys
// and aliases are seen where they stand.
class Builder : public YAML::EventHandler {
 public:
  Builder(const std::string& file, std::string_view source, const Environment& environment, Diagnostics& diagnostics)
      : file_(file), source_(source), environment_(environment), diagnostics_(diagnostics) {}

  Setting take() { return std::move(top_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
    Setting nothing;
    nothing.place = place(mark);
    add(std::move(nothing));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    error(place(mark), "aliases are not allowed here: write the value out");
    OnNull(mark, 0);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, const std::string& value) override {
    Setting scalar;
    scalar.shape = Setting::Shape::scalar;
    scalar.place = place(mark);
    scalar.quoted = tag == "!";
    if (tag != "!" && tag != "?") scalar.tag = tag;
    if (awaits_key()) scalar.text = value;
    else if (!scalar.quoted && scalar.tag.empty() && (value == "~" || value == "null")) scalar.shape = Setting::Shape::nothing;
    else scalar.text = substitute(value, scalar.place);
    add(std::move(scalar));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
    open(mark, Setting::Shape::list);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
    open(mark, Setting::Shape::map);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    Setting setting;
    std::optional<std::pair<std::string, Place>> key;
  };

  Place place(const YAML::Mark& mark) const { return {file_, mark.line + 1, mark.column + 1}; }
  void error(Place where, std::string text) { diagnostics_.error(std::move(where), std::move(text), source_); }
  bool awaits_key() const {
    return !open_.empty() && open_.back().setting.shape == Setting::Shape::map && !open_.back().key;
  }

  void open(const YAML::Mark& mark, Setting::Shape shape) {
    Setting setting;
    setting.shape = shape;
    setting.place = place(mark);
    if (awaits_key()) error(setting.place, "a key must be plain text, found a list or map");
    open_.push_back({std::move(setting), {}});
  }

  void close() {
    Setting done = std::move(open_.back().setting);
    open_.pop_back();
    add(std::move(done));
  }

  void add(Setting setting) {
    if (open_.empty()) {
      top_ = std::move(setting);
      return;
    }
    Open& inner = open_.back();
    if (inner.setting.shape == Setting::Shape::list) inner.setting.items.push_back(std::move(setting));
    else if (!inner.key) add_key(inner, setting);
    else {
      if (!inner.setting.find(inner.key->first)) {
        inner.setting.members.push_back({inner.key->first, std::move(setting), inner.key->second});
      }
      inner.key.reset();
    }
  }

  void add_key(Open& inner, const Setting& key) {
    static const std::set<std::string_view> ambiguous{"on", "off", "yes", "no", "y", "n"};
    if (ambiguous.count(lower(key.text)) > 0) {
      error(key.place, "'" + key.text + "' cannot be a key: some readers of YAML take it for true or false");
    }
    if (inner.setting.find(key.text)) error(key.place, "the key '" + key.text + "' stands twice");
    inner.key.emplace(key.text, key.place);
  }

  // ${VAR}, ${VAR:-default}, ${VAR:?message}, $$.
  std::string substitute(const std::string& value, const Place& where) {
    std::string out;
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (value[i] != '$' || i + 1 == value.size()) {
        out += value[i];
      } else if (value[i + 1] == '$') {
        out += '$';
        ++i;
      } else if (value[i + 1] == '{') {
        const std::size_t end = value.find('}', i);
        if (end == std::string::npos) {
          error(where, "'${' without its '}'");
          return value;
        }
        out += variable(value.substr(i + 2, end - i - 2), where);
        i = end;
      } else {
        out += '$';
      }
    }
    return out;
  }

  std::string variable(const std::string& inside, const Place& where) {
    const std::size_t colon = inside.find(':');
    const std::string name = inside.substr(0, colon);
    const auto found = environment_(name);
    if (found && (colon == std::string::npos || !found->empty())) return *found;
    if (colon == std::string::npos) {
      error(where, "the environment has no variable " + name);
      return {};
    }
    const std::string_view rest = std::string_view(inside).substr(colon + 1);
    if (rest.starts_with('-')) return std::string(rest.substr(1));
    if (rest.starts_with('?')) error(where, name + ": " + std::string(rest.substr(1)));
    else error(where, "expected ${NAME}, ${NAME:-default} or ${NAME:?message}, found ${" + inside + "}");
    return {};
  }

  const std::string& file_;
  std::string_view source_;
  const Environment& environment_;
  Diagnostics& diagnostics_;
  Setting top_;
  std::vector<Open> open_;
};

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

Environment process_environment() {
  return [](std::string_view name) -> std::optional<std::string> {
    const char* value = std::getenv(std::string(name).c_str());
    return value ? std::optional<std::string>(value) : std::nullopt;
  };
}

Setting parse_settings(const std::string& file, std::string_view text, const Environment& environment,
                       Diagnostics& diagnostics) {
  std::istringstream in{std::string(text)};
  Builder builder(file, text, environment, diagnostics);
  try {
    YAML::Parser parser(in);
    parser.HandleNextDocument(builder);
  } catch (const YAML::Exception& wrong) {
    diagnostics.error({file, wrong.mark.line + 1, wrong.mark.column + 1}, "not YAML: " + wrong.msg, text);
  }
  return builder.take();
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
