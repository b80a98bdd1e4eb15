// From YAML text to Settings.
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <cstdlib>
#include <set>
#include <sstream>

#include "engine/base/settings.h"
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

}  // namespace

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

}  // namespace tombolo
