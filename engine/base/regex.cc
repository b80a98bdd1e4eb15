#include "engine/base/regex.h"

#include <re2/re2.h>

namespace tombolo {

struct Regex::Compiled {
  Compiled(std::string_view pattern, const RE2::Options& options) : re({pattern.data(), pattern.size()}, options) {}
  RE2 re;
};

namespace {

re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

// "$1", "${name}" → RE2's "\1"; a group that is not there stands for nothing.
std::string rewrite_of(std::string_view replacement, const RE2& re) {
  std::string out;
  for (std::size_t i = 0; i < replacement.size(); ++i) {
    const char c = replacement[i];
    const char after = i + 1 < replacement.size() ? replacement[i + 1] : '\0';
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '$' && after == '$') {
      out += '$', ++i;
    } else if (c == '$' && after >= '0' && after <= '9') {
      if (after - '0' <= re.NumberOfCapturingGroups()) out.append("\\").append(1, after);
      ++i;
    } else if (const auto close = replacement.find('}', i); c == '$' && after == '{' && close != std::string_view::npos) {
      const auto group = re.NamedCapturingGroups().find(std::string(replacement.substr(i + 2, close - i - 2)));
      if (group != re.NamedCapturingGroups().end() && group->second <= 9) out.append("\\").append(std::to_string(group->second));
      i = close;
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

Result<Regex> Regex::compile(std::string_view pattern) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_dot_nl(true);
  options.set_max_mem(4 << 20);
  auto compiled = std::make_shared<const Compiled>(pattern, options);
  if (!compiled->re.ok()) return Fault{Kind::malformed, {}, "regular expression: " + compiled->re.error()};
  Regex regex;
  regex.compiled_ = std::move(compiled);
  return regex;
}

std::string_view Regex::pattern() const { return compiled_->re.pattern(); }

bool Regex::found_in(std::string_view text) const { return RE2::PartialMatch(piece(text), compiled_->re); }

bool Regex::matches(std::string_view text) const { return RE2::FullMatch(piece(text), compiled_->re); }

std::string Regex::replace_all(std::string_view text, std::string_view replacement) const {
  std::string out(text);
  RE2::GlobalReplace(&out, compiled_->re, rewrite_of(replacement, compiled_->re));
  return out;
}

}  // namespace tombolo
