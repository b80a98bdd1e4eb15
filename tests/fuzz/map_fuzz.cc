// Any text as a map file: parsing never crashes, and what parses can be checked against the dictionary and R4 without a crash.
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

#include "engine/mapping/language/parse.h"
#include "engine/mapping/mapping.h"

using namespace tombolo;

namespace {

struct Standards {
  Library library;
  V2Dictionary dictionary{library};
  FhirSchema schema{library};
};

// A site folder of this process, one file, written anew for each input.
std::filesystem::path site_of(std::string_view text) {
  const auto site = std::filesystem::temp_directory_path() / ("tombolo-map-fuzz-" + std::to_string(getpid()));
  std::filesystem::create_directories(site / "mappings");
  std::ofstream(site / "mappings" / "site.map", std::ios::binary | std::ios::trunc) << text;
  return site;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Diagnostics diagnostics;
  const mapping::Source source("site.map", text);
  mapping::parse_map_file(source, diagnostics);
  (void)diagnostics.print();
  if (diagnostics.failed() || size > 4096) return 0;
  static const Standards standards;
  const Library library(site_of(text));
  (void)Maps::load(library, standards.dictionary, standards.schema, {"site"}, diagnostics);
  return 0;
}
