#include "engine/flow/misses.h"

#include <algorithm>

#include "engine/base/json.h"

namespace tombolo {

void MissTally::add(const std::string& sender, const std::vector<Miss>& misses, Time now) {
  for (const auto& miss : misses) {
    Key key{sender, miss.table, miss.field, miss.code};
    auto at = counts_.find(key);
    if (at == counts_.end()) {
      if (counts_.size() >= most_) {
        ++uncounted_;
        continue;
      }
      at = counts_.emplace(std::move(key), Count{}).first;
    }
    ++at->second.times;
    at->second.last = now;
    at->second.ignored = at->second.ignored && miss.ignored;
  }
}

std::vector<MissTally::Line> MissTally::lines() const {
  std::vector<Line> lines;
  for (const auto& [key, count] : counts_) {
    const auto& [sender, table, field, code] = key;
    lines.push_back({sender, {table, field, code, count.ignored}, count.times, count.last});
  }
  std::stable_sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) { return a.times > b.times; });
  return lines;
}

std::string MissTally::print() const {
  std::string out;
  for (const auto& line : lines()) {
    out += line.miss.table + "  " + (line.miss.code.empty() ? "(no code)" : line.miss.code) + "  " + std::to_string(line.times) + " times, " +
           line.miss.field + ", from " + line.sender + ", last " + iso8601(line.last) + (line.miss.ignored ? " (the rule ignores it)\n" : "\n");
  }
  if (uncounted_ != 0) out += std::to_string(uncounted_) + " more, of other codes or senders\n";
  return out;
}

std::string MissTally::print_json() const {
  std::string out;
  for (const auto& line : lines()) {
    JsonWriter json(out);
    json.begin_object();
    json.member("table", line.miss.table);
    if (!line.miss.code.empty()) json.member("code", line.miss.code);
    json.member("times", static_cast<std::int64_t>(line.times));
    json.member("field", line.miss.field);
    json.member("sender", line.sender);
    json.member("ignored", line.miss.ignored);
    json.member("last", iso8601(line.last));
    json.end_object();
    out += '\n';
  }
  return out;
}

}  // namespace tombolo
