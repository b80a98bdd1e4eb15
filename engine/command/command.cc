#include "engine/command/command.h"

#include <CLI/CLI.hpp>

#include <iostream>

#include "engine/command/convert.h"
#include "engine/command/coverage.h"
#include "engine/command/edit.h"
#include "engine/command/fhirpath.h"
#include "engine/command/map.h"
#include "engine/command/receive.h"
#include "engine/command/send.h"
#include "engine/command/test.h"

namespace tombolo {

int command(int count, char** words, Stock stock) {
  CLI::App app{"Tombolo: HL7 v2, CDA and FHIR from system to system, kept before answered.", "tombolo"};
  Desk desk{std::move(stock), std::cout, std::cerr, 0, {}};
  app.require_subcommand(1);
  app.set_version_flag("--version", "tombolo " TOMBOLO_VERSION);
  app.add_option("--shipped", desk.shipped, "read maps and tables from this folder instead of the binary")->type_name("DIR");
  app.fallthrough();
  add_run(app, desk);
  add_check(app, desk);
  add_send(app, desk);
  add_receive(app, desk);
  add_map(app, desk);
  add_edit(app, desk);
  add_convert(app, desk);
  add_test(app, desk);
  add_fmt(app, desk);
  add_deidentify(app, desk);
  add_coverage(app, desk);
  add_fhirpath(app, desk);
  add_inspect(app, desk);
  add_validate(app, desk);
  add_tables(app, desk);
  add_find(app, desk);
  add_list(app, desk);
  try {
    app.parse(count, words);
  } catch (const CLI::ParseError& wrong) {
    return app.exit(wrong, desk.out, desk.err) == 0 ? 0 : 2;
  } catch (const std::exception& failure) {
    desk.err << "tombolo: " << failure.what() << std::endl;
    return 3;
  }
  return desk.status;
}

}  // namespace tombolo
