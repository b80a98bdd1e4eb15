// Settings: what a person wrote in a YAML file, each value with its place, read with checks that name file, line and column.
// YAML 1.2 sense: no key may be on off yes no y n, duplicate keys are errors. ${VAR}, ${VAR:-default}, ${VAR:?message} and
// $$ are substituted after parsing, in scalars only.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/diagnostic.h"
#include "engine/base/time.h"

namespace tombolo {

// One value of the file: a scalar, a list or a map. A copy is a second view of the same values.
struct Setting {
  enum class Shape { nothing, scalar, list, map };
  Shape shape = Shape::nothing;
  Place place;
  std::string text;                                      // a scalar, after substitution
  bool quoted = false;                                   // 'P' or "P": never a number or a truth value
  std::string tag;                                       // "!secret", else empty
  std::optional<std::string> secret;                     // what "!secret NAME" stands for, once looked up (secret.h); never printed
  std::vector<Setting> items;                            // of a list
  struct Member;
  std::vector<Member> members;                           // of a map, in the order of the file

  const Setting* find(std::string_view key) const;       // nullptr: not there
};

struct Setting::Member {
  std::string key;
  Setting value;
  Place place;                                           // of the key
};

// What is said of a literal where a secret belongs.
inline constexpr const char* secret_wanted = "a secret is not written here: say  !secret NAME  and put it in the environment or under secrets/";

using Environment = std::function<std::optional<std::string>(std::string_view name)>;
Environment process_environment();

// Parses one document. Faults are added to `diagnostics`; the result then holds what could be read.
Setting parse_settings(const std::string& file, std::string_view text, const Environment& environment, Diagnostics& diagnostics);

// Reads the members of one map setting and, at finish(), reports every key that nobody asked for, with the nearest name.
// A value of the wrong kind is reported and the default stands in, so that one load reports all faults.
class Reader {
 public:
  // what: how errors call this block ("mllp source"). A setting that is no map is reported (nothing reads as an empty map).
  Reader(const Setting& setting, std::string what, Diagnostics& diagnostics);

  bool has(std::string_view key) const;
  std::string text(std::string_view key, std::string_view otherwise = "");
  std::string required(std::string_view key);                               // text that must be there and not be empty
  std::string one_of(std::string_view key, const std::vector<std::string_view>& allowed, std::string_view otherwise);
  bool flag(std::string_view key, bool otherwise);                          // true or false
  std::int64_t number(std::string_view key, std::int64_t otherwise, std::int64_t least, std::int64_t most);
  std::size_t bytes(std::string_view key, std::size_t otherwise);           // 4096, 64KiB, 16MiB, 1GiB, 10MB
  Duration duration(std::string_view key, Duration otherwise);              // 250ms, 2s, 5m, 24h, 7d
  double percent(std::string_view key, double otherwise);                   // "20%" → 0.2
  std::vector<std::string> texts(std::string_view key);                     // a list of scalars, or one scalar
  // "!secret NAME", looked up; a literal is reported without its line. Nothing: not there, or reported.
  std::optional<std::string> secret(std::string_view key);
  const Setting* raw(std::string_view key);                                 // anything; nullptr if not there
  const Setting& nested(std::string_view key);                              // for a Reader of its own; empty if not there

  Place place() const { return setting_.place; }
  Place place(std::string_view key) const;                                  // of the value, or of the block
  void error(std::string_view key, std::string text);
  Diagnostics& diagnostics() { return diagnostics_; }

  void finish();  // call once, last: unknown keys are errors

 private:
  const Setting* scalar(std::string_view key);

  const Setting& setting_;
  std::string what_;
  Diagnostics& diagnostics_;
  std::vector<std::string> asked_;
};

std::optional<std::size_t> to_bytes(std::string_view s);

}  // namespace tombolo
