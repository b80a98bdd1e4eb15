// Channel files: any text is read or refused with places inside the file, never a crash; and what was read, when it is a map,
// can be asked for anything.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "engine/base/settings.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tombolo;
  if (size > 16384) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Diagnostics found;
  const auto variables = [](std::string_view) { return std::optional<std::string>("x"); };
  const Setting top = parse_settings("fuzz.yaml", text, variables, found);
  Reader reader(top, "fuzz", found);
  reader.text("channel");
  reader.texts("tags");
  reader.nested("source");
  reader.duration("within", Duration(0));
  reader.bytes("max", 0);
  reader.percent("share", 0);
  reader.finish();
  found.quote("fuzz.yaml", text);
  for (const auto& d : found.list()) {
    if (d.place.file != "fuzz.yaml" || d.place.line < 0 || d.place.column < 0) std::abort();
  }
  found.print();
  return 0;
}
