// What a person types. One file a command; each adds itself to the command line and says what it did by an exit status:
// 0 done; 1 the answer is no (errors found, a message refused); 2 wrong usage; 3 could not try. (deidentify has its own above 2.)
#pragma once

#include <functional>
#include <iosfwd>

#include "engine/base/library.h"
#include "engine/flow/channel.h"
#include "engine/schema/fhir.h"
#include "engine/schema/hl7v2.h"

namespace CLI {
class App;
}

namespace tombolo {

// What plugs.cc does: fills the shelves. Dictionary and schema outlive them.
using Stock = std::function<void(Shelves&, const V2Dictionary&, const FhirSchema&)>;

// What each command is given. `status` is the exit status of the command that ran.
struct Desk {
  Stock stock;
  std::ostream& out;
  std::ostream& err;
  int status = 0;
  std::string shipped;   // --shipped: a folder that stands in for what is packed into the binary
};

int command(int count, char** words, Stock stock);

void add_run(CLI::App& app, Desk& desk);
void add_check(CLI::App& app, Desk& desk);
void add_fmt(CLI::App& app, Desk& desk);
void add_list(CLI::App& app, Desk& desk);      // list, describe
void add_inspect(CLI::App& app, Desk& desk);   // get, tree, diff
void add_deidentify(CLI::App& app, Desk& desk);
void add_validate(CLI::App& app, Desk& desk);
void add_tables(CLI::App& app, Desk& desk);    // tables, misses
void add_find(CLI::App& app, Desk& desk);      // find, show, resend, release, resume, log

}  // namespace tombolo
