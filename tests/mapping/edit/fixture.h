// A site with one file of edits and a code table, and messages to change.
#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "engine/formats/hl7v2/hl7v2.h"
#include "engine/mapping/edits.h"
#include "tests/mapping/fixture.h"

namespace tombolo::test {

inline std::string segments(std::string text) {
  for (auto& c : text)
    if (c == '\n') c = '\r';
  return text;
}

class EditSite {
 public:
  // text: mappings/site.map; later: mappings/later.map, a layer above it. assigners: NORTH and EAST have other names.
  explicit EditSite(std::string_view text, std::string_view later = {}) : library_(write(text, later), TOMBOLO_SOURCE_DIR) {
    const auto& s = Standards::get();
    std::vector<std::string> layers{"site"};
    if (!later.empty()) layers.push_back("later");
    edits = Edits::load(library_, s.dictionary, s.schema, layers, diagnostics);
  }

  // The message after the edits; its lines end with \n, here and there. Or the text of the Fault.
  std::string run(const std::string& message, std::string_view name = {}) {
    auto text = bytes(segments(message), name);
    for (auto& c : text)
      if (c == '\r') c = '\n';
    return text;
  }

  std::string bytes(const std::string& message, std::string_view name = {}) {
    const auto& s = Standards::get();
    const auto format = hl7v2_format(s.dictionary);
    Arena source_arena, arena;
    Tree source(source_arena), out(arena);
    std::vector<Complaint> complaints;
    if (const auto parsed = format->parse(message, {}, source, complaints); !parsed) return text(parsed.error());
    RunInputs inputs;
    inputs.watch = true;
    report = {};
    if (const auto done = edits->run(source, name, inputs, out, report); !done) return text(done.error());
    const auto printed = format->print(out);
    return printed ? *printed : text(printed.error());
  }

  // "3:5: text" of each finding, a line each.
  std::string faults() const {
    std::string all;
    for (const auto& d : diagnostics.list()) all += std::to_string(d.place.line) + ":" + std::to_string(d.place.column) + ": " + d.text + "\n";
    return all;
  }

  Diagnostics diagnostics;
  std::unique_ptr<const Edits> edits;
  EditReport report;

 private:
  std::filesystem::path write(std::string_view text, std::string_view later) {
    std::filesystem::create_directories(folder_.path() / "mappings");
    std::filesystem::create_directories(folder_.path() / "tables");
    std::ofstream(folder_.path() / "mappings" / "site.map") << text;
    if (!later.empty()) std::ofstream(folder_.path() / "mappings" / "later.map") << later;
    std::ofstream(folder_.path() / "tables" / "assigners.csv") << "source_code,target_system,target_code,target_display\nNORTH,,NTH,\nEAST,,EST,\n";
    std::ofstream(folder_.path() / "tables" / "tests.csv") << "source_code,target_system,target_code,target_display\nGLU,LN,2345-7,Glucose\n";
    return folder_.path();
  }
  TempFolder folder_;
  Library library_;
};

}  // namespace tombolo::test
