// Expressions of a map or an edit: parsed, bound to slots, and plain addresses told from the rest.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/diagnostic.h"
#include "engine/mapping/compiler/program.h"
#include "engine/mapping/compiler/scope.h"
#include "engine/mapping/compiler/world.h"

namespace tombolo::mapping {

class Expressions {
 public:
  // What is bound becomes slots of `out`, as `scope` finds it. All outlive this.
  Expressions(MapWorld& world, MapScope& scope, CompiledMap& out, Diagnostics& diagnostics)
      : world_(world), scope_(scope), out_(out), diagnostics_(diagnostics) {}

  // An Expr with an empty program has faults; they were reported. through_repeating: names may stand in groups that repeat.
  Expr operator()(Words words, const Source& source, bool through_repeating = false);

  // 'it\'s' without its quotes and escapes.
  static std::string literal(Words quoted);

  // The `let`s of files that the expressions so far name: locals to be filled before anything else runs.
  std::vector<Op> file_lets;

 private:
  std::optional<Way> plain(const fhirpath::Expression& parsed, fhirpath::TermId id) const;
  std::optional<Way> stored(const fhirpath::Expression& parsed, fhirpath::TermId id) const;
  std::optional<Question> question(const fhirpath::Expression& parsed, fhirpath::TermId id) const;
  std::optional<Question> about(Question::Kind kind, const fhirpath::Expression& parsed, fhirpath::TermId id) const;
  void fix(Expr& e);
  void needs(const fhirpath::Expression& parsed, fhirpath::TermId id, std::vector<Need>& all);
  void need(const fhirpath::Address& address, std::vector<Need>& all);
  void need(std::uint32_t slot, int component, std::vector<Need>& all);
  void use_let(const Statement& let, fhirpath::Term& name);

  MapWorld& world_;
  MapScope& scope_;
  CompiledMap& out_;
  Diagnostics& diagnostics_;
};

}  // namespace tombolo::mapping
