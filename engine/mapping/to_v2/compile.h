// Compiler of maps from FHIR to HL7 v2: sources are checked against the definitions of R4, targets against the dictionary and the
// structure's grammar. All findings are collected. One program per map and structure, segment or data type that it builds.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/diagnostic.h"
#include "engine/mapping/compiler/world.h"
#include "engine/mapping/to_v2/program.h"
#include "engine/mapping/to_v2/types.h"

namespace tombolo::mapping::to_v2 {

class Compiler {
 public:
  // All outlive this; programs are added to `maps`.
  Compiler(MapWorld& world, const SourceTypes& types, std::deque<V2Map>& maps, Diagnostics& diagnostics)
      : world_(world), types_(types), maps_(maps), diagnostics_(diagnostics) {}

  // Can both sides of this map be compiled here: FHIR in, v2 out?
  bool knows(const MapEntry& entry) const;
  void compile_all();
  // The program of a map for the nth of its results; nullptr if it has faults or calls itself (both were reported).
  const V2Map* compile(const MapEntry& entry, std::size_t nth, const mapping::Source& caller, std::uint32_t at);

  MapWorld& world() { return world_; }
  const SourceTypes& types() const { return types_; }
  Diagnostics& diagnostics() { return diagnostics_; }
  const V2Dictionary& dictionary() const { return world_.types.dictionary(); }

 private:
  MapWorld& world_;
  const SourceTypes& types_;
  std::deque<V2Map>& maps_;
  Diagnostics& diagnostics_;
  std::vector<std::string_view> chain_;                                      // maps being compiled
  std::map<std::pair<const MapEntry*, std::size_t>, V2Map*> done_;
};

class MapCompiler {
 public:
  MapCompiler(Compiler& compiler, const MapEntry& entry, V2Map& out);
  void compile();

 private:
  // What is being built where a statement stands: a group, a segment, or a part of one.
  struct Here {
    const V2Item* group = nullptr;
    const V2Segment* segment = nullptr;
    const V2Type* type = nullptr;
    int depth = 0;                       // of `type`: levels above it that its own map would have
    const V2Item* item = nullptr;        // of `segment`, if its place is known
  };

  // statements.cc
  void head();
  void parameter(const Take& take);
  std::vector<Op> block(const std::vector<Statement>& statements, const Here& here);
  void statement(const Statement& s, const Here& here, std::vector<Op>& into);
  void rule(const Statement& s, const Here& here, std::vector<Op>& into);
  void element(const Statement& s, const Here& here, std::vector<Op>& into);
  void each(const Statement& s, const Here& here, std::vector<Op>& into);
  void include(const Statement& s, const Here& here, std::vector<Op>& into);
  void let(const Statement& s, std::vector<Op>& into);
  Op made(Op::Kind kind, const Statement& s);
  void only(const Clauses& clauses, bool when, bool call, std::string_view where);

  // targets.cc
  std::optional<Goal> goal(const Target& target, const Here& here);
  bool down(const Target& target, std::size_t& step, const Here& here, Goal& goal);
  const V2Item* item_called(const V2Item& group, std::string_view name, std::uint32_t at, std::vector<const V2Item*>& way);
  const V2Item* following(const V2Item& item, std::string_view name) const;
  bool field(const Target& target, std::size_t& step, Goal& goal);
  bool parts(const Target& target, std::size_t step, Goal& goal, int depth);
  Here inside(const Goal& goal, const Here& here) const;
  bool ours(const Goal& goal, std::uint32_t at);

  // sources.cc
  Expr expr(Words words);
  std::optional<Expr> optional_expr(Words words) { return words.empty() ? std::nullopt : std::optional(expr(words)); }
  std::vector<Link> chain(const std::vector<Alternative>& alternatives, const Goal& goal, const Here& here);
  std::optional<LinkSource> source(const Clauses& clauses, Words words, const Goal& goal, const Here& here);
  bool standard(const Shape& shape, const Goal& goal, Words words);
  const MapEntry* map_for(const Shape& shape, const Here& into) const;
  std::optional<Call> call(const MapEntry& entry, const Clauses& clauses, const Shape& shape, Words words, const Here& into);
  std::size_t result_for(const MapEntry& entry, const Here& into) const;
  TableUse table(Words name);
  TypeId type_named(Words name);
  std::string called(const Shape& shape) const;
  static std::string called(const Here& here);

  void error(std::uint32_t at, std::string text) { source_->error(compiler_.diagnostics(), at, std::move(text)); }
  void warning(std::uint32_t at, std::string text) { source_->warning(compiler_.diagnostics(), at, std::move(text)); }

  Compiler& compiler_;
  MapWorld& world_;
  const SourceTypes& types_;
  const V2Dictionary& dictionary_;
  const MapEntry& entry_;
  V2Map& out_;
  SourceScope scope_;
  const mapping::Source* source_;              // of the statement at hand
  std::vector<Op> file_lets_;
};

}  // namespace tombolo::mapping::to_v2
