#include "engine/command/ask.h"

#include <ostream>

#include "engine/service/control.h"

namespace tombolo {

int ask(const std::string& folder, const std::string& request, Desk& desk) {
  const auto answer = ask_engine(folder, request);
  if (!answer) {
    desk.err << "tombolo: no engine is running on " << folder << std::endl;
    return 3;
  }
  if (!answer->starts_with("ok")) {
    desk.err << "tombolo: " << *answer << std::flush;
    return 1;
  }
  desk.out << answer->substr(3) << std::flush;
  return 0;
}

}  // namespace tombolo
