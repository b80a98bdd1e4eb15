#include "engine/mapping/functions/functions.h"

#include <catch2/catch.hpp>

#include <string>

#include "engine/fhirpath/evaluate.h"
#include "engine/fhirpath/parse.h"
#include "engine/mapping/compiler/types.h"
#include "tests/mapping/fixture.h"

using namespace tombolo;
using namespace tombolo::mapping;

namespace {

// Nothing but the functions is in sight.
class Bare final : public fhirpath::Scope, public fhirpath::Frame {
 public:
  Bare() : types_(test::Standards::get().dictionary, test::Standards::get().schema) {}
  const fhirpath::Types& types() const override { return types_; }
  fhirpath::Shape focus() const override { return {}; }
  Result<fhirpath::AddressSlot> address(const fhirpath::Address&) const override { return Fault{Kind::missing, "", "no message"}; }
  std::optional<fhirpath::Slot> variable(std::string_view) const override { return std::nullopt; }
  std::span<const fhirpath::Function> functions() const override { return mapping::functions(); }
  void read(std::uint32_t, fhirpath::Items&) const override {}

 private:
  SchemaTypes types_;
};

}  // namespace

TEST_CASE("the examples of the functions are true", "[mapping][functions]") {
  const Bare bare;
  for (const auto& function : functions()) {
    if (function.example.empty()) continue;
    INFO(function.name << ": " << function.example);
    const auto parsed = fhirpath::parse(function.example, fhirpath::Dialect::map);
    REQUIRE(parsed);
    const auto bound = fhirpath::bind(parsed.expression, bare);
    for (const auto& problem : bound.problems) INFO(problem.text);
    REQUIRE(bound);
    Arena arena;
    fhirpath::Run run{bare, arena};
    fhirpath::Items out(arena);
    REQUIRE(fhirpath::evaluate(bound.program, run, fhirpath::Items(arena), out));
    CHECK(fhirpath::truth(out, bare.types()));
  }
}
