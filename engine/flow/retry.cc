#include "engine/flow/retry.h"

#include <algorithm>
#include <cmath>

namespace tombolo {
namespace {

// FNV-1a: spreads, is stable over builds and machines, and is no secret.
std::uint64_t spread(std::string_view text, int n) {
  std::uint64_t hash = 14695981039346656037u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return (hash ^ static_cast<std::uint64_t>(n)) * 1099511628211u;
}

bool in_class(std::string_view pattern, std::string_view code) {
  return pattern.size() == 3 && pattern.ends_with("xx") && code.size() == 3 && code[0] == pattern[0] && code[1] >= '0' && code[1] <= '9';
}

const ReplyRule* most_specific(const std::vector<ReplyRule>& rules, std::string_view code) {
  const ReplyRule* found = nullptr;
  for (const auto& rule : rules) {
    if (rule.pattern == code) return &rule;
    if (!found && in_class(rule.pattern, code)) found = &rule;
  }
  return found;
}

Action house_rule(std::string_view code, std::string_view error_code) {
  for (const std::string_view paused : {"401", "403", "404", "407", "421", "tls"}) {
    if (code == paused) return Action::pause;
  }
  if (code == "408" || code == "425" || code == "429") return Action::retry;
  if (code == "AE" || code == "CE") return error_code == "206" || error_code == "207" ? Action::retry : Action::dead_letter;
  if (in_class("4xx", code) || in_class("3xx", code) || code == "refused") return Action::dead_letter;
  return Action::retry;
}

}  // namespace

Duration wait_before_next(const Retry& retry, int attempts, std::string_view id) {
  const double grown = static_cast<double>(retry.first.count()) * std::pow(retry.factor, std::max(0, attempts - 1));
  const double capped = std::min(grown, static_cast<double>(retry.max.count()));
  const double swing = static_cast<double>(spread(id, attempts) % 2001) / 1000.0 - 1.0;  // -1 … 1
  return Duration(static_cast<std::int64_t>(capped * (1.0 + retry.jitter * swing)));
}

Action decide(const std::vector<ReplyRule>& rules, std::string_view code, std::string_view error_code, bool accepted, int attempts) {
  const ReplyRule* rule = most_specific(rules, code);
  if (!rule) return accepted ? Action::deliver : house_rule(code, error_code);
  if (rule->action == Action::retry && rule->times > 0 && attempts >= rule->times) return rule->then;
  return rule->action;
}

}  // namespace tombolo
