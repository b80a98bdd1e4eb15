// Clauses that would do nothing where they stand, and names that hide each other: refused, since somebody meant something by them.
#include <algorithm>

#include "engine/mapping/compiler/compile.h"

namespace tombolo::mapping {

// where: "an `each`".
void MapCompiler::only(const Clauses& c, const Allowed& allowed, std::string_view where) {
  const auto refuse = [&](std::uint32_t at, std::string_view clause) {
    error(at, "'" + std::string(clause) + "' means nothing at " + std::string(where));
  };
  if (!allowed.as && !c.as.empty()) refuse(c.as.at, "as");
  if (!allowed.via && !c.via.empty()) refuse(c.via.at, "via");
  if (!allowed.with && !c.with.empty()) refuse(c.with.front().name.at, "with");
  if (!allowed.when && !c.when.empty()) refuse(c.when.at, "when");
  if (c.on_error != OnError::unsaid && !(allowed.try_next && c.on_error == OnError::try_next)) refuse(c.on_error_at, "on error");
  if (c.on_miss != OnMiss::unsaid) refuse(c.on_miss_at, "on miss");
  if (c.on_delete != OnDelete::unsaid) refuse(c.on_delete_at, "on delete");
}

// Of a rule's alternative.
void MapCompiler::policies(const Clauses& c) {
  if (c.on_miss != OnMiss::unsaid && c.via.empty()) error(c.on_miss_at, "'on miss' needs a table: there is no 'via' here");
}

void MapCompiler::fresh_names(const std::vector<Statement>& statements) {
  const auto named = [](const Statement& s) { return s.kind == Statement::Kind::let || s.kind == Statement::Kind::entry || s.kind == Statement::Kind::entry_rule; };
  for (auto s = statements.begin(); s != statements.end(); ++s) {
    if (!named(*s)) continue;
    const auto same = std::find_if(statements.begin(), s, [&](const Statement& before) { return named(before) && before.name.text == s->name.text; });
    if (same == s) continue;
    source_ = s->source;
    error(s->name.at, "%" + std::string(s->name.text) + " has a meaning already, given in line " + std::to_string(same->source->line(same->at)));
  }
}

// Does a value of this shape do as the parameter says? Primitives stand where a composed type is due, as its first component.
bool MapCompiler::fits(const Shape& given, TypeId wanted) const {
  const auto* const composed = types_.v2_type(wanted);
  const auto primitive = schema_[types_.fhir_type(wanted)].primitive;
  return given.unknown() || std::all_of(given.types.begin(), given.types.end(), [&](TypeId type) {
    if (types_.is(type, wanted)) return true;
    if (const auto entry = types_.entry_type(type); entry != untyped || types_.entry_type(wanted) != untyped)
      return entry != untyped && types_.entry_type(wanted) != untyped && schema_.is(entry, types_.entry_type(wanted));
    if (composed != nullptr) return types_.varies(type) || (fhirpath::is_system(type) ? composed->primitive : types_.v2_type(type) != nullptr && types_.v2_type(type)->primitive);
    if (primitive == Primitive::none) return false;
    return converts(fhirpath::is_system(type) ? static_cast<fhirpath::System>(type) : types_.system(type), primitive);
  });
}

void MapCompiler::check_argument(const CompiledMap& map, const CompiledMap::Parameter& parameter, const Expr& value, Words words) {
  if (parameter.type != fhirpath::unknown_type && !fits(value.shape, parameter.type))
    error(words.at, std::string(words.text) + " is a " + called(value.shape) + "; the map " + map.name + " takes a " +
                        std::string(types_.name(parameter.type)) + " as " + std::string(parameter.name));
}

}  // namespace tombolo::mapping
