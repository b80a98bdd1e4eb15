// World of the maps: all files of the layers, merged, with the tables and extensions they name, and the maps compiled so far.
// Filled while loading, immutable afterwards.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/arena.h"
#include "engine/base/library.h"
#include "engine/fhirpath/function.h"
#include "engine/mapping/compiler/program.h"
#include "engine/mapping/compiler/types.h"
#include "engine/mapping/language/source.h"
#include "engine/mapping/language/syntax.h"

namespace tombolo::mapping {

// One map as text: a `map` of some layer with the `extend`s of later layers worked in.
struct MapEntry {
  bool called(std::string_view wanted) const { return std::find(names.begin(), names.end(), wanted) != names.end(); }

  std::string name;                                     // the first of its names
  std::vector<std::string> names;                       // one per result ("NTE-string", "NTE-markdown"), or what `called` says
  MapText text;
  std::vector<ElementId> targets;                       // untyped: entries, or no FHIR type
  bool known = true;                                    // input and results are known here and can be compiled
};

class MapWorld {
 public:
  MapWorld(const Library& library, const V2Dictionary& dictionary, const FhirSchema& schema)
      : library_(library), types(dictionary, schema) {}

  // Reads and merges the files of the layers, in this order; then the extensions.
  void read(const std::vector<std::string>& layers, Diagnostics& diagnostics);

  // A table by name, read when first asked for; nullptr: there is none. backwards: it will be asked for source codes.
  const CodeTable* table(std::string_view name, Diagnostics& diagnostics, bool backwards = false);
  std::vector<std::string_view> table_names() const;
  std::vector<std::pair<std::string_view, const CodeTable*>> tables() const;   // that some rule uses, by name
  std::string_view name(const CodeTable& table) const;

  const MapEntry* find(std::string_view name, ElementId target) const;  // untyped: any target
  std::vector<std::string_view> map_names() const;

  std::uint32_t add_rule(const Source& source, std::uint32_t at, std::string_view map);

 private:
  void read_file(const File& file, Diagnostics& diagnostics);
  void declare(const SegmentText& segment, const Source& source, Diagnostics& diagnostics);
  void add(MapText text, Diagnostics& diagnostics);
  void add(const EditText& text, Diagnostics& diagnostics);

  const Library& library_;

 public:
  SchemaTypes types;
  ExtensionTable extensions;
  std::deque<MapEntry> entries;
  std::deque<EditText> edits;                           // one for each structure, in the order of the layers
  std::map<std::string, Statement, std::less<>> lets;   // of files: the last layer's
  std::deque<CompiledMap> maps;
  std::vector<RulePlace> rules;
  Arena arena;                                          // what constants of programs point into
  std::span<const fhirpath::Function> functions;

 private:
  std::deque<Source> sources_;
  std::deque<FileText> files_;
  std::map<std::string, CodeTable, std::less<>> tables_;
  std::vector<std::string> table_names_;
};

}  // namespace tombolo::mapping
