// Any message through the maps that ship, and back: nothing crashes; what comes out is R4, or a diagnostic says of what it is not;
// it prints and reads again as the same; every message that can be made of it can be read again.
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "engine/canonical/check.h"
#include "engine/formats/fhir/parse.h"
#include "engine/formats/fhir/print.h"
#include "engine/formats/hl7v2/hl7v2.h"
#include "engine/formats/hl7v2/print.h"
#include "engine/mapping/mapping.h"
#include "engine/mapping/messages.h"

using namespace tombolo;

namespace {

struct Engine {
  Library library;
  V2Dictionary dictionary{library};
  FhirSchema schema{library};
  Diagnostics diagnostics;
  std::unique_ptr<const Maps> maps = Maps::load(library, dictionary, schema, {"hl7v2-to-fhir"}, diagnostics);
  std::unique_ptr<const Messages> messages = Messages::load(library, dictionary, schema, {"fhir-to-hl7v2"}, diagnostics);
  std::unique_ptr<Format> format = hl7v2_format(dictionary);
};

void require(bool truth, const char* what) {
  if (truth) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

bool read(const Engine& engine, std::string_view bytes, Tree& tree) {
  std::vector<Complaint> complaints;
  return engine.format->parse(bytes, {}, tree, complaints).has_value();
}

void back(const Engine& engine, const Tree& bundle, std::uint8_t choice) {
  const auto structures = engine.messages->structures();
  Arena arena, again_arena;
  Tree message(arena), again(again_arena);
  MessageKind kind;
  kind.type = structures[choice % structures.size()];
  kind.version = std::array{"2.3.1", "2.5.1", "2.8"}[choice % 3];
  RunInputs inputs;
  inputs.message = "FUZZ|2";
  RunReport report;
  if (!engine.messages->run(bundle, kind, inputs, message, report)) return;
  const auto printed = hl7v2::print(message, engine.dictionary);
  require(printed.has_value(), "a message that was made cannot be printed");
  require(read(engine, *printed, again), "a message that was made cannot be read");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Engine engine;
  require(!engine.diagnostics.failed(), "the maps that ship have errors");
  Arena source_arena, arena, again_arena;
  Tree source(source_arena), bundle(arena), again(again_arena);
  if (!read(engine, {reinterpret_cast<const char*>(data), size}, source)) return 0;
  const auto* const map = engine.maps->for_message(source);
  if (map == nullptr) return 0;
  RunInputs inputs;
  inputs.message = "FUZZ|1";
  RunReport report;
  if (!engine.maps->run(*map, source, inputs, bundle, report)) return 0;
  for (const auto& problem : check(bundle, engine.schema)) {
    std::fprintf(stderr, "%s: %s\n", problem.path.c_str(), problem.text.c_str());
    require(problem.concern != Concern::structure, "what came out is no R4");
  }
  const auto printed = print_fhir(bundle, engine.schema);
  require(parse_fhir(printed, engine.schema, again).has_value(), "what came out cannot be read");
  require(print_fhir(again, engine.schema) == printed, "what came out reads as something else");
  back(engine, bundle, size == 0 ? 0 : data[size / 2]);
  return 0;
}
