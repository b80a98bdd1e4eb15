// Regular expressions, by RE2: time linear in the text, no back-references, no recursion.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace tombolo {

class Regex {
 public:
  // Fault{malformed} says what is wrong with the pattern. `.` matches a line's end too.
  static Result<Regex> compile(std::string_view pattern);

  std::string_view pattern() const;            // as written
  bool found_in(std::string_view text) const;  // anywhere in it
  bool matches(std::string_view text) const;   // from its beginning to its end

  // Every match replaced; $1 … $9 and ${name} stand for what the groups caught, $$ for a $.
  std::string replace_all(std::string_view text, std::string_view replacement) const;

 private:
  struct Compiled;
  std::shared_ptr<const Compiled> compiled_;  // shared: copies of a bound program use one, from many threads
};

}  // namespace tombolo
