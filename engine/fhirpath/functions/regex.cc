// Regular expressions: matches matchesFull replaceMatches. A pattern that is a literal is compiled once, while binding.
#include "engine/base/regex.h"

#include <array>

#include "engine/fhirpath/functions/functions.h"

namespace tombolo::fhirpath {
namespace {

using Text = std::optional<std::string_view>;

void compile(Checking& c) {
  const auto pattern = c.constant(0);
  if (!pattern) return;
  auto compiled = Regex::compile(*pattern);
  if (!compiled) return c.error(0, compiled.error().what);
  c.keep(std::make_shared<const Regex>(std::move(*compiled)));
}

Shape check_test(Checking& c) {
  compile(c);
  return checks::of_text<checks::maybe_truth>(c);
}

Shape check_replace(Checking& c) {
  compile(c);
  return checks::of_text<checks::text>(c);
}

// The pattern of this call; nullptr: there is none, or it is wrong and `failed`.
const Regex* pattern(Call& call, std::optional<Regex>& made, bool& failed) {
  if (const auto* kept = static_cast<const Regex*>(call.kept())) return kept;
  Text written;
  failed = !call.text_argument(0, written);
  if (failed || !written) return nullptr;
  auto compiled = Regex::compile(*written);
  if (!compiled) {
    failed = true;
    call.fail(compiled.error().what);
    return nullptr;
  }
  made = std::move(*compiled);
  return &*made;
}

template <bool (Regex::*holds)(std::string_view) const>
bool test(Call& call, Items& out) {
  Text text;
  std::optional<Regex> made;
  bool failed = false;
  if (!call.text(call.input(), text)) return false;
  const Regex* const regex = pattern(call, made, failed);
  if (regex == nullptr || !text) return !failed;
  out.add(call.item((regex->*holds)(*text), {&call.input()}));
  return true;
}

bool replace(Call& call, Items& out) {
  Text text;
  Text with;
  std::optional<Regex> made;
  bool failed = false;
  if (!call.text(call.input(), text) || !call.text_argument(1, with)) return false;
  const Regex* const regex = pattern(call, made, failed);
  if (regex == nullptr || !text || !with) return !failed;
  out.add(call.text_item(regex->pattern().empty() ? std::string(*text) : regex->replace_all(*text, *with), {&call.input()}));
  return true;
}

constexpr std::array functions = {
    Function{"matches", 1, 1, "s", check_test, test<&Regex::found_in>, false, "'room 12'.matches('[0-9]+')"},
    Function{"matchesFull", 1, 1, "s", check_test, test<&Regex::matches>, false, "'room 12'.matchesFull('[0-9]+').not()"},
    Function{"replaceMatches", 2, 2, "s", check_replace, replace, false, "'a1b22'.replaceMatches('[0-9]+', '#') = 'a#b#'"},
};

}  // namespace

std::span<const Function> regex_functions() { return functions; }

}  // namespace tombolo::fhirpath
