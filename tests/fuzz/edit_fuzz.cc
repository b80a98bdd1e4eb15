// Any bytes through edits: nothing crashes, what comes out can be read again, and an edit without effect gives the very bytes.
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "engine/formats/hl7v2/hl7v2.h"
#include "engine/mapping/edits.h"

using namespace tombolo;

namespace {

constexpr std::string_view site_edits =
    "edit *\n"
    "  MSH-5 <- 'LAB'\n"
    "  let kept = PID-3[1]\n"
    "  PID-3 <- PID-3.where(CX.5 = 'MR'), PID-4, 'new'\n"
    "  PID-3.4 <- PID-3.5 else PID-3.1\n"
    "  PID-5[2].1.2 <- PID-5[1].2\n"
    "  PID-4 <- %kept\n"
    "  PID-8 <- ''\n"
    "  PID-18 <- MSH-18\n"
    "  delete ZPI\n"
    "  delete PID-13.2\n"
    "  delete OBX when OBX-11 = 'D'\n"
    "  each PID-11 { PID-11.7 <- $index }\n"
    "  add NTE after PID { NTE-3 <- PID-5 }\n"
    "  add NTE before OBX { NTE-3 <- OBX-5 }\n"
    "  OBX-5 <- OBX-3, OBX-5\n"
    "  move ZBD before PID\n"
    "  move NTE after OBX when NTE-3\n"
    "  copy OBX before OBX[2] { OBX-1 <- PID-1 }\n"
    "  move OBX after PID when OBX-2 = 'ST'\n"
    "  copy PID after EVN { PID-4 <- PID-3 }\n"
    "edit ORU_R01\n"
    "  move ORDER_OBSERVATION[2] before ORDER_OBSERVATION\n"
    "  copy OBSERVATION after OBSERVATION { OBX-1 <- '9' }\n"
    "  move ZBD after ORDER_OBSERVATION[1]\n"
    "  move OBSERVATION before OBSERVATION when OBX-2 = 'TX'\n"
    "  delete NTE\n"
    "edit * called nothing\n"
    "  MSH-3 <- MSH-3\n"
    "  PID-3 <- PID-3\n"
    "  PID-5.1 <- PID-5.1\n"
    "  OBX-5 <- OBX-5\n";

std::filesystem::path site() {
  const auto folder = std::filesystem::temp_directory_path() / ("tombolo-edit-fuzz-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder / "mappings");
  std::ofstream(folder / "mappings" / "site.map") << site_edits;
  return folder;
}

struct Standards {
  Library library{site()};
  V2Dictionary dictionary{library};
  FhirSchema schema{library};
  std::unique_ptr<Format> format = hl7v2_format(dictionary);
  Diagnostics diagnostics;
  std::unique_ptr<const Edits> edits = Edits::load(library, dictionary, schema, {"site"}, diagnostics);
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Standards standards;
  if (standards.diagnostics.failed()) std::abort();
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  Arena arena, changed_arena, same_arena, again_arena;
  Tree source(arena), changed(changed_arena), same(same_arena), again(again_arena);
  std::vector<Complaint> complaints;
  if (!standards.format->parse(bytes, {}, source, complaints)) return 0;
  EditReport report;
  if (!standards.edits->run(source, "nothing", {}, same, report)) std::abort();
  if (const auto printed = standards.format->print(same); report.changed == 0 && printed && *printed != bytes) std::abort();
  RunInputs inputs;
  inputs.watch = true;
  if (!standards.edits->run(source, {}, inputs, changed, report)) return 0;
  const auto printed = standards.format->print(changed);
  if (printed && !standards.format->parse(*printed, {}, again, complaints)) std::abort();
  return 0;
}
