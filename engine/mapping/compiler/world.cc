#include "engine/mapping/compiler/world.h"

#include <algorithm>
#include <utility>

#include "engine/base/text.h"
#include "engine/mapping/compiler/concept_map.h"
#include "engine/mapping/compiler/overlay.h"
#include "engine/mapping/language/parse.h"

namespace tombolo::mapping {

namespace {

constexpr std::string_view codes_folder = "mappings/codes/";
constexpr std::string_view site_tables = "tables/";

constexpr std::string_view ending = ".csv", back_ending = ".back.csv";  // of a table, and of its rows that count backwards only
constexpr std::string_view concept_ending = ".json";                    // of a table that is a ConceptMap

std::string_view stem(std::string_view name, std::string_view folder) {
  name.remove_prefix(std::min(folder.size(), name.size()));
  const auto end = name.ends_with(back_ending) ? back_ending : name.ends_with(concept_ending) ? concept_ending : ending;
  return name.substr(0, name.size() - end.size());
}

V2Field field(int number, std::string_view name, const V2Type* type, std::string_view spelled) {
  V2Field made;
  made.number = number;
  made.name = name;
  made.type = type;
  made.spelled = spelled;
  made.known = 1;
  return made;
}

}  // namespace

void MapWorld::read(const std::vector<std::string>& layers, Diagnostics& diagnostics) {
  for (const auto& layer : layers) {
    const std::string folder = "mappings/" + layer;
    bool any = false;
    for (const auto& name : library_.list(folder)) {
      if (!name.ends_with(".map")) continue;
      if (const auto file = library_.find(name)) read_file(*file, diagnostics), any = true;
    }
    if (const auto file = library_.find(folder + ".map")) read_file(*file, diagnostics), any = true;
    if (!any) diagnostics.error({layer, 0, 0}, "no map files are called '" + layer + "' (looked for " + folder + "/**.map)");
  }
  for (const auto* folder : {&codes_folder, &site_tables})
    for (const auto& name : library_.list(folder->substr(0, folder->size() - 1)))
      if (name.ends_with(ending) || name.ends_with(concept_ending)) table_names_.emplace_back(stem(name, *folder));
  std::sort(table_names_.begin(), table_names_.end());
  table_names_.erase(std::unique(table_names_.begin(), table_names_.end()), table_names_.end());
  for (const auto* folder : {&codes_folder, &site_tables})
    if (const auto file = library_.find(std::string(*folder) + "extensions.csv")) extensions.read(*file, diagnostics);
}

void MapWorld::read_file(const File& file, Diagnostics& diagnostics) {
  auto& source = sources_.emplace_back(file.place, file.text);
  auto& text = files_.emplace_back(parse_map_file(source, diagnostics));
  for (auto& l : text.lets) lets.insert_or_assign(std::string(l.name.text), l);
  for (const auto& s : text.segments) declare(s, source, diagnostics);
  for (auto& m : text.maps) add(m, diagnostics);
  for (const auto& e : text.edits) add(e, diagnostics);
}

void MapWorld::declare(const SegmentText& segment, const Source& source, Diagnostics& diagnostics) {
  const auto& dictionary = types.dictionary();
  if (segment.name.empty()) return;
  if (types.segment(segment.name.text) != nullptr)
    return source.error(diagnostics, segment.name.at, "the segment " + std::string(segment.name.text) + " is known already");
  const auto* const any = dictionary.type("ST");
  std::vector<V2Field> fields;
  for (const auto& f : segment.fields) {
    const auto* const type = dictionary.type(f.type.text);
    if (type == nullptr) {
      source.error(diagnostics, f.type.at, "no data type is called '" + std::string(f.type.text) + "'");
      continue;
    }
    while (static_cast<int>(fields.size()) + 1 < static_cast<int>(f.number))
      fields.push_back(field(static_cast<int>(fields.size()) + 1, "", any, ""));
    fields.push_back(field(static_cast<int>(f.number), f.name.text, type, f.type.text));
    fields.back().repeating = static_cast<V2Versions>(f.repeats);
  }
  types.declare(std::string(segment.name.text), std::move(fields), segment.repeats);
}

// A map, or a change to one that is there.
void MapWorld::add(MapText text, Diagnostics& diagnostics) {
  if (text.source.empty() || text.targets.empty() || text.targets.back().empty()) return;
  const auto& schema = types.schema();
  MapEntry entry;
  for (const auto& t : text.targets) {
    entry.targets.push_back(schema.type(t.text));
    entry.names.push_back(std::string(text.source.text) + "-" + std::string(t.text));
  }
  if (!text.called.empty()) entry.names = {std::string(text.called.text)};
  entry.name = entry.names.front();
  if (text.extends) {
    const auto base = std::find_if(entries.begin(), entries.end(), [&](const MapEntry& e) { return e.called(entry.name); });
    if (base == entries.end())
      return text.from->error(diagnostics, text.at, "there is no map " + entry.name + " to extend" + suggestion(entry.name, map_names()));
    return extend(base->text, text, schema, base->targets.front(), diagnostics);
  }
  for (const auto& name : entry.names) {
    const auto same = std::find_if(entries.begin(), entries.end(), [&](const MapEntry& e) { return e.called(name); });
    if (same == entries.end()) continue;
    const auto place = tombolo::text(same->text.from->place(same->text.at));
    return text.from->error(diagnostics, text.at, "the map " + name + " stands already at " + place + "; `extend` changes it");
  }
  entry.text = std::move(text);
  entries.push_back(std::move(entry));
}

// An edit, or a change to those that are there.
void MapWorld::add(const EditText& text, Diagnostics& diagnostics) {
  Diagnostics found;
  for (const auto& structure : text.structures) {
    if (!text.extends) {
      edits.push_back(text);
      edits.back().structures = {structure};
      continue;
    }
    std::vector<EditText*> bases;
    std::vector<std::string_view> names;
    for (auto& e : edits) {
      if (e.called.text != text.called.text) continue;
      names.push_back(e.structures.front().text);
      if (names.back() == structure.text) bases.push_back(&e);
    }
    if (!bases.empty()) extend(bases, text, found);
    else text.from->error(found, structure.at, "there is no edit " + std::string(structure.text) + (text.called.empty() ? "" : " called " + std::string(text.called.text)) +
                                                   " to extend" + suggestion(structure.text, names));
  }
  diagnostics.append_new(found);  // what is wrong in each of its structures is said once
}

const CodeTable* MapWorld::table(std::string_view name, Diagnostics& diagnostics, bool backwards) {
  if (!std::binary_search(table_names_.begin(), table_names_.end(), name)) return nullptr;
  const auto known = tables_.find(name);
  auto& table = known != tables_.end() ? known->second : tables_[std::string(name)];
  if (known == tables_.end()) {
    for (const auto* folder : {&codes_folder, &site_tables}) {
      const std::string path = std::string(*folder) + std::string(name);
      if (const auto file = library_.find(path + std::string(concept_ending))) read_concept_map(*file, table, diagnostics);
      for (const auto* end : {&ending, &back_ending})
        if (const auto file = library_.find(path + std::string(*end))) table.read(*file, diagnostics);
    }
  }
  if (backwards) table.index_back();
  return &table;
}

std::string_view MapWorld::name(const CodeTable& table) const {
  for (const auto& [name, known] : tables_)
    if (&known == &table) return name;
  return {};
}

std::vector<std::pair<std::string_view, const CodeTable*>> MapWorld::tables() const {
  std::vector<std::pair<std::string_view, const CodeTable*>> all;
  for (const auto& [name, table] : tables_) all.emplace_back(name, &table);
  return all;
}

std::vector<std::string_view> MapWorld::table_names() const { return {table_names_.begin(), table_names_.end()}; }

const MapEntry* MapWorld::find(std::string_view name, ElementId target) const {
  for (const auto& e : entries)
    if (e.called(name) && (target == untyped || std::find(e.targets.begin(), e.targets.end(), target) != e.targets.end())) return &e;
  return nullptr;
}

std::vector<std::string_view> MapWorld::map_names() const {
  std::vector<std::string_view> names;
  for (const auto& e : entries) names.insert(names.end(), e.names.begin(), e.names.end());
  return names;
}

std::uint32_t MapWorld::add_rule(const Source& source, std::uint32_t at, std::string_view map) {
  const auto place = source.place(at);
  rules.push_back({source.file(), map, place.line, place.column});
  return static_cast<std::uint32_t>(rules.size() - 1);
}

}  // namespace tombolo::mapping
