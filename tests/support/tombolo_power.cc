// The engine as it ships, on disks that lose what was not synced when the process is killed: SQLite under the PowerCut VFS,
// files under HoldingDisk. Environment: POWER_SEED; POWER_STORE_SYNC=0 and POWER_FILE_SYNC=0 leave out the syncs, to show
// that the test would notice.
#include <cstdlib>

#include "engine/command/command.h"
#include "engine/connectors/file/file.h"
#include "engine/connectors/mllp/mllp.h"
#include "engine/flow/step.h"
#include "engine/formats/hl7v2/hl7v2.h"
#include "tests/support/holding_disk.h"
#include "tests/support/power_cut.h"

namespace {

int setting(const char* name, int otherwise) {
  const char* text = std::getenv(name);
  return text ? std::atoi(text) : otherwise;
}

void stock(tombolo::Shelves& shelves, const tombolo::V2Dictionary& dictionary, const tombolo::FhirSchema&) {
  using namespace tombolo;
  shelves.sources.push_back(mllp_source());
  shelves.destinations.push_back(mllp_destination());
  shelves.destinations.push_back(file_destination_on([]() -> std::unique_ptr<Disk> {
    return std::make_unique<test::HoldingDisk>(setting("POWER_FILE_SYNC", 1) != 0, static_cast<unsigned>(setting("POWER_SEED", 1)));
  }));
  shelves.steps = {filter_step(), map_step()};
  shelves.formats.emplace("hl7v2", hl7v2_format(dictionary));
}

}  // namespace

int main(int count, char** words) {
  tombolo::test::PowerCut::Plan plan;
  plan.seed = static_cast<std::uint64_t>(setting("POWER_SEED", 1));
  plan.early = 0.1;
  plan.heed_sync = setting("POWER_STORE_SYNC", 1) != 0;
  plan.as_default = true;
  const tombolo::test::PowerCut disk("power-cut", plan);
  return tombolo::command(count, words, stock);
}
