#include "engine/schema/hl7v2.h"

#include <algorithm>
#include <charconv>

namespace tombolo {
namespace {

constexpr int when_unstated = 6;  // 2.5.1

// A dotted number as one that can be compared: "2.5.1" → 20501; 0 if it is none.
int rank(std::string_view version) {
  int parts[3] = {0, 0, 0};
  for (int& part : parts) {
    const auto [end, wrong] = std::from_chars(version.data(), version.data() + version.size(), part);
    if (wrong != std::errc{} || part < 0 || part > 99) return 0;
    version.remove_prefix(static_cast<std::size_t>(end - version.data()));
    if (version.empty()) return parts[0] * 10000 + parts[1] * 100 + parts[2];
    if (version.front() != '.') return 0;
    version.remove_prefix(1);
  }
  return 0;
}

template <class Owner>
const V2Field* numbered(const Owner& fields, int number) {
  return number >= 1 && static_cast<std::size_t>(number) <= fields.size() ? &fields[static_cast<std::size_t>(number) - 1] : nullptr;
}

template <class Map>
auto look_up(const Map& map, std::string_view name) -> typename Map::mapped_type {
  const auto found = map.find(name);
  return found == map.end() ? nullptr : found->second;
}

}  // namespace

const V2Field* V2Type::component(int number) const { return numbered(components, number); }
const V2Field* V2Segment::field(int number) const { return numbered(fields, number); }

// Each spelling with the versions that use it; a single one without any serves all.
std::string_view V2Field::spelled_in(V2Versions version) const {
  if ((known & version) == 0) return {};
  if (spelled.find(':') == spelled.npos) return spelled;
  std::string_view rest = spelled, found;
  while (!rest.empty()) {
    const auto end = std::min(rest.find(' '), rest.size());
    const std::string_view one = rest.substr(0, end);
    const auto colon = one.find(':');
    V2Versions uses = 0;
    std::from_chars(one.data() + colon + 1, one.data() + one.size(), uses, 16);
    if ((uses & version) != 0) {
      if (!found.empty()) return {};
      found = one.substr(0, colon);
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return found;
}

bool V2Table::has(std::string_view code) const {
  if (code.empty() || code.find(' ') != code.npos) return false;
  for (std::size_t at = codes.find(code); at != codes.npos; at = codes.find(code, at + 1)) {
    const std::size_t end = at + code.size();
    if ((at == 0 || codes[at - 1] == ' ') && (end == codes.size() || codes[end] == ' ')) return true;
  }
  return false;
}

const V2Item* V2Structure::child(const V2Item& group, std::string_view called) const {
  for (std::size_t at = index(group) + 1u; at < group.end; at = items[at].end) {
    if (items[at].name == called) return &items[at];
  }
  return nullptr;
}

const V2Item* V2Structure::find(std::string_view path) const {
  const V2Item* at = &items[0];
  while (at != nullptr && !path.empty()) {
    const auto dot = std::min(path.find('.'), path.size());
    at = child(*at, path.substr(0, dot));
    path.remove_prefix(std::min(dot + 1, path.size()));
  }
  return at;
}

bool V2Dictionary::knows_version(std::string_view version) const {
  return std::find(versions_.begin(), versions_.end(), version) != versions_.end();
}

int V2Dictionary::nearest(std::string_view version) const {
  const int wanted = rank(version);
  if (wanted == 0) return when_unstated;
  int found = 0;
  for (int i = 0; i < static_cast<int>(versions_.size()); ++i) {
    if (rank(versions_[static_cast<std::size_t>(i)]) <= wanted) found = i;
  }
  return found;
}

const V2Segment* V2Dictionary::segment(std::string_view name) const { return look_up(segment_by_name_, name); }
const V2Type* V2Dictionary::type(std::string_view name) const { return look_up(type_by_name_, name); }
const V2Structure* V2Dictionary::structure(std::string_view name) const { return look_up(structure_by_name_, name); }

const V2Table* V2Dictionary::table(std::string_view name) const {
  const auto found = table_by_name_.find(name);
  return found == table_by_name_.end() ? nullptr : &found->second;
}

namespace {

// Up to 2.2 a sender left the event out where a code had one that mattered (2.1, table 0003); some still do.
std::string_view usual_event(std::string_view code) {
  if (code == "ORU") return "R01";
  if (code == "ORM") return "O01";
  if (code == "ORR") return "O02";
  if (code == "DFT") return "P03";
  return {};
}

}  // namespace

const V2Structure* V2Dictionary::structure(std::string_view code, std::string_view event, std::string_view stated, int version) const {
  if (const auto* const known = structure(stated)) return known;
  if (event.empty()) event = usual_event(code);
  std::string name(code);
  if (!event.empty()) name.append("_").append(event);
  if (const auto rows = events_.find(name); rows != events_.end()) {
    const Event* best = nullptr;
    int distance = 100;
    for (const Event& row : rows->second) {
      for (int i = 0; i < static_cast<int>(versions_.size()); ++i) {
        if ((row.versions & bit(i)) != 0 && std::abs(i - version) < distance) {
          best = &row;
          distance = std::abs(i - version);
        }
      }
    }
    if (best != nullptr) return best->structure;
  }
  if (const auto* const known = structure(name)) return known;
  return structure(code);
}

const V2Field* V2Dictionary::field_at(std::uint32_t element) const {
  return element >= 1 && element <= fields_.size() ? &fields_[element - 1] : nullptr;
}

const V2Item* V2Dictionary::item_at(std::uint32_t element) const {
  return element > fields_.size() && element <= fields_.size() + items_.size() ? &items_[element - fields_.size() - 1] : nullptr;
}

}  // namespace tombolo
