// MapCompiler: one map's text becomes its program, checked against the dictionary and the schema. All findings are collected.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/mapping/compiler/expressions.h"
#include "engine/mapping/compiler/program.h"
#include "engine/mapping/compiler/scope.h"
#include "engine/mapping/compiler/world.h"

namespace tombolo::mapping {

// Compiles maps on demand and keeps them: one program per map and type of result.
class Compiler {
 public:
  Compiler(MapWorld& world, Diagnostics& diagnostics) : world_(world), diagnostics_(diagnostics) {}

  // The program of a map for this type of result; nullptr if the map has faults, or calls itself (both were reported).
  const CompiledMap* compile(const MapEntry& entry, ElementId target, const Source& caller, std::uint32_t at);
  void compile_all();

  MapWorld& world() { return world_; }
  Diagnostics& diagnostics() { return diagnostics_; }
  const FhirSchema& schema() const { return world_.types.schema(); }

  // Where an element or entry is built: what it must have is checked when all maps are known.
  struct Build {
    const Source* source;
    std::uint32_t at;
    ElementId type;
    std::vector<const Block*> blocks;
    std::vector<ElementId> given;       // members that `with` writes
  };
  std::vector<Build> builds;

 private:
  std::vector<std::string_view> chain_;                       // maps being compiled
  std::map<std::pair<const MapEntry*, ElementId>, CompiledMap*> done_;
  MapWorld& world_;
  Diagnostics& diagnostics_;
};

class MapCompiler {
 public:
  MapCompiler(Compiler& compiler, const MapEntry& entry, ElementId target, CompiledMap& out);
  void compile();

 private:
  // What is being built where a statement stands.
  struct Here {
    ElementId type = untyped;                    // a type
    const ExtensionRow* extension = nullptr;     // if it is an extension of this name
  };
  struct Place {                                 // a target path and what its last step may hold
    TargetPath path;
    ElementId member = untyped;                  // first variant
    const ExtensionRow* extension = nullptr;
    bool list = false;
  };

  void head();
  void parameter(const Take& take);
  TypeId type_named(Words name);

  // clauses.cc
  struct Allowed {
    bool as = false, via = false, with = false, when = false, try_next = false;
  };
  void only(const Clauses& c, const Allowed& allowed, std::string_view where);
  void policies(const Clauses& c);
  void fresh_names(const std::vector<Statement>& statements);
  bool fits(const Shape& given, TypeId wanted) const;
  void check_argument(const CompiledMap& map, const CompiledMap::Parameter& parameter, const Expr& value, Words words);

  // statements.cc
  Block block(const std::vector<Statement>& statements, Here here, bool each);
  void statement(const Statement& s, Here here, Block& block);
  void rule(const Statement& s, Here here, Block& block);
  void key(const Statement& s, Here here, Block& block);
  void element(const Statement& s, Here here, Block& block);
  void each(const Statement& s, Here here, Block& block);
  void condition(const Statement& s, Here here, Block& block);
  void include(const Statement& s, Here here, Block& block);
  void entry(const Statement& s, Block& block);
  void entry_sources(const Statement& s, ElementId type, Op& op);
  void let(const Statement& s, Block& block);
  void gives(const Statement& s, Block& block);
  struct Outside;
  std::optional<Sight> enter(Words over, Op& op);
  void step_into(Words over, Op& op);
  void warn_first(const Expr& e, Words words);

  Expr expr(Words words, bool through_repeating = false) { return expressions_(words, *source_, through_repeating); }
  std::optional<Expr> optional_expr(Words words) { return words.empty() ? std::nullopt : std::optional(expr(words)); }

  // target.cc
  std::optional<Place> place(const Target& target, Here here);
  bool step(const Step& step, bool last, Here& at, Place& place);
  const ExtensionRow* extension(const Step& step, const ExtensionRow* inside);
  ElementId variant(ElementId member, Words type);

  // mismatch.cc
  struct Remedies {
    std::vector<std::string> maps, components;
  };
  Remedies remedies(const Shape& shape, const std::vector<ElementId>& all);
  void mismatch(const Expr& value, Words words, const std::vector<ElementId>& all);

  // conversion.cc
  std::vector<ChainLink> chain(const std::vector<Alternative>& alternatives, const Place& place);
  ChainLink link(const Alternative& alternative);
  std::optional<Conversion> conversion(const Clauses& clauses, const Expr& value, Words words, const Place& place);
  std::optional<Conversion> through_map(const Clauses& clauses, const MapEntry& entry, ElementId member, const Expr& value, Words words);
  std::optional<Conversion> named(const Clauses& clauses, const Expr& value, Words words, const std::vector<ElementId>& variants);
  static bool converts(fhirpath::System from, Primitive to);
  bool composed(const Shape& shape) const;
  std::optional<Conversion> unnamed(const Clauses& clauses, const Expr& value, Words words, const std::vector<ElementId>& variants);
  std::optional<Conversion> standard(const Shape& source, ElementId member, bool via, bool exact);
  void wrong_reference(ElementId member, const std::string& found, std::uint32_t at);
  bool call(MapCall& call, const MapEntry& entry, ElementId type, const Expr& source, Words words, const Clauses& clauses,
            std::vector<Conversion::Default>* defaults);
  bool accepts(const CompiledMap& map, const Shape& source) const;
  TableUse table(Words name);
  void with(MapCall& call, const Clauses& clauses, ElementId type, std::vector<Conversion::Default>* defaults);
  std::optional<Conversion::Default> default_for(const Clauses::With& with, ElementId type);
  void delete_text(const Clauses& clauses, const Conversion& c, ChainLink& made);
  void check_text(const std::string& text, std::uint32_t at, const Conversion& c);
  void check_table(const Conversion& c, Words name);
  void check_constant(const Expr& e, Words words, const Conversion& c);
  std::vector<ElementId> variants(const Place& place) const;

  void error(std::uint32_t at, std::string text);
  void warning(std::uint32_t at, std::string text);
  std::string called(ElementId member) const;     // "Patient.birthDate"
  std::string called(const Shape& shape) const;   // "CX"

  Compiler& compiler_;
  MapWorld& world_;
  const SchemaTypes& types_;
  const FhirSchema& schema_;
  const MapEntry& entry_;
  CompiledMap& out_;
  MapScope scope_;
  Expressions expressions_;
  const Source* source_;                         // of the statement at hand
  std::uint32_t blocks_met_ = 0;
};

}  // namespace tombolo::mapping
