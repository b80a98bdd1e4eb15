// How coverage is told: rules per map file, fields per segment.
#include <iomanip>
#include <ostream>

#include "engine/command/coverage.h"

namespace tombolo {

using trial::Fate;
using trial::FieldTally;
using trial::RuleTally;

void print_rules(const std::vector<RuleTally::File>& files, std::ostream& out) {
  std::size_t rules = 0, fired = 0;
  for (const auto& file : files) {
    rules += file.rules, fired += file.fired;
    out << std::setw(5) << file.fired << " of " << std::setw(4) << file.rules << "  " << file.name << "\n";
    for (const auto& place : file.never) out << "               " << text(place) << ": never fired\n";
  }
  out << "rules fired: " << fired << " of " << rules;
  if (rules != 0) out << " (" << static_cast<double>(fired * 1000 / rules) / 10 << " %)";
  out << "\n";
}

void print_fields(const std::vector<FieldTally::Field>& fields, std::ostream& out) {
  constexpr int wide = 12;
  out << std::left << std::setw(10) << "field" << std::right << std::setw(wide) << "messages" << std::setw(wide) << "valued" << std::setw(wide) << "mapped";
  for (std::size_t i = 0; i < trial::fates; ++i) out << std::setw(wide) << name(static_cast<Fate>(i));
  out << "\n";
  for (const auto& f : fields) {
    out << std::left << std::setw(10) << f.segment + "-" + std::to_string(f.number) << std::right << std::setw(wide) << f.messages << std::setw(wide)
        << f.valued << std::setw(wide) << f.mapped;
    for (const auto n : f.leaves) out << std::setw(wide) << n;
    if (f.unmapped.size() > 1 || (f.unmapped.size() == 1 && f.unmapped.begin()->first.find('.') != std::string::npos)) {
      out << " ";
      for (const auto& [place, times] : f.unmapped) out << " " << place;
    }
    out << "\n";
  }
}

void print_rules_json(const std::vector<RuleTally::File>& files, JsonWriter& json) {
  json.key("rules"), json.begin_array();
  for (const auto& file : files) {
    json.begin_object();
    json.member("file", file.name);
    json.member("rules", static_cast<std::int64_t>(file.rules)), json.member("fired", static_cast<std::int64_t>(file.fired));
    json.key("never"), json.begin_array();
    for (const auto& place : file.never) json.string(std::to_string(place.line) + ":" + std::to_string(place.column));
    json.end_array(), json.end_object();
  }
  json.end_array();
}

void print_fields_json(const std::vector<FieldTally::Field>& fields, JsonWriter& json) {
  json.key("fields"), json.begin_array();
  for (const auto& f : fields) {
    json.begin_object();
    json.member("field", f.segment + "-" + std::to_string(f.number));
    json.member("messages", static_cast<std::int64_t>(f.messages)), json.member("valued", static_cast<std::int64_t>(f.valued));
    json.member("mapped", static_cast<std::int64_t>(f.mapped));
    for (std::size_t i = 0; i < trial::fates; ++i) json.member(name(static_cast<Fate>(i)), static_cast<std::int64_t>(f.leaves[i]));
    json.key("parts not mapped"), json.begin_object();
    for (const auto& [place, times] : f.unmapped) json.member(place, static_cast<std::int64_t>(times));
    json.end_object(), json.end_object();
  }
  json.end_array();
}

}  // namespace tombolo
