// A folder with maps of its own and tests beside them, over the standards that ship; for tests only.
#pragma once

#include <sstream>
#include <string>
#include <string_view>

#include "engine/command/test.h"
#include "tests/support/temp.h"

namespace tombolo::test {

// Small maps: a patient, the doctor who sees him, an encounter that refers to both.
constexpr std::string_view small_maps = R"(map ADT_A01 to Bundle
  type <- 'message'
  entry patient: Patient <- PID
  entry visit: Encounter <- PV1 with subject = %patient

map PID to Patient
  key           <- PID-3.1
  identifier    <- PID-3 as CX-Identifier
  name each PID-5 {
    family <- XPN.1.1
    given  <- XPN.2
  }
  birthDate     <- PID-7
  gender        <- PID-8.1 via administrative-sex
  maritalStatus <- PID-16.1.first() via marital-status
  deceased      <- PID-30 as boolean when PID-29 or PID-30

map CX to Identifier
  value <- CX.1

map PV1 to Encounter
  status <- 'finished' when PV1-45
  status <- 'unknown'
  class  <- PV1-2.1 via patient-class
  location {
    location <- find(Location, PV1-3.1)
  }
)";

class MapsFolder {
 public:
  explicit MapsFolder(std::string_view maps = small_maps) { write("mappings/small/small.map", maps); }

  std::string path(std::string_view name = "mappings") const { return (folder_ / name).string(); }
  void write(std::string_view name, std::string_view text) { write_file(folder_ / name, text); }
  std::string read(std::string_view name) const { return read_file(folder_ / name); }

  // The tests of the folder, or of one file in it; `tests` becomes mappings/small/a.test.yaml if it is given.
  int run(std::string_view tests = "", TestOptions options = {}) {
    if (!tests.empty()) write("mappings/small/a.test.yaml", tests);
    if (options.path == ".") options.path = path();
    options.shipped = TOMBOLO_SOURCE_DIR;
    std::ostringstream to, wrong;
    const int status = test_command(options, to, wrong);
    out = to.str(), err = wrong.str();
    return status;
  }
  bool says(std::string_view text) const { return out.find(text) != std::string::npos; }
  bool complains(std::string_view text) const { return err.find(text) != std::string::npos; }

  std::string out, err;

 private:
  TempFolder folder_;
};

}  // namespace tombolo::test
