// A site folder with one map file, loaded over what ships.
#pragma once

#include <fstream>
#include <memory>
#include <string>

#include "engine/formats/fhir/print.h"
#include "engine/formats/hl7v2/address.h"
#include "engine/formats/hl7v2/hl7v2.h"
#include "engine/mapping/mapping.h"
#include "tests/support/temp.h"

namespace tombolo::test {

// The tables of the standards, read once for all tests.
struct Standards {
  Standards() : library({}, TOMBOLO_SOURCE_DIR), dictionary(library), schema(library) {}
  Library library;
  V2Dictionary dictionary;
  FhirSchema schema;
  static const Standards& get() {
    static const Standards once;
    return once;
  }
};

class Site {
 public:
  // text: mappings/site.map. layers: what is loaded.
  explicit Site(std::string_view text, const std::vector<std::string>& layers = {"site"}) : library_(write(text), TOMBOLO_SOURCE_DIR) {
    const auto& s = Standards::get();
    maps = Maps::load(library_, s.dictionary, s.schema, layers, diagnostics);
  }

  // The Bundle for a message whose lines end with \n here.
  std::string run(std::string message, const std::string& map = "", RunInputs inputs = {}) {
    for (auto& c : message)
      if (c == '\n') c = '\r';
    const auto& s = Standards::get();
    Arena source_arena, arena;
    Tree source(source_arena), out(arena);
    std::vector<Complaint> complaints;
    const auto parsed = hl7v2_format(s.dictionary)->parse(message, {}, source, complaints);
    if (!parsed) return text(parsed.error());
    const auto* const found = map.empty() ? maps->for_message(source) : maps->find(map);
    if (found == nullptr) return "no map";
    inputs.message = "test";
    report = {};
    const auto done = maps->run(*found, source, inputs, out, report);
    unread.clear();
    for (NodeId node = 1; inputs.watch && node < source.size(); ++node)
      if (source[node].holds == Holds::text && !report.read[node]) unread.push_back(hl7v2::place(source, node));
    return done ? print_fhir(out, s.schema) : text(done.error());
  }

  // "3:5: text" of the first finding, as it stands in the file.
  std::string first() const {
    if (diagnostics.empty()) return "";
    const auto& d = diagnostics.list().front();
    return std::to_string(d.place.line) + ":" + std::to_string(d.place.column) + ": " + d.text;
  }

  Diagnostics diagnostics;
  std::unique_ptr<const Maps> maps;
  RunReport report;
  std::vector<std::string> unread;   // the valued places that no rule read, if the run watched

 private:
  std::filesystem::path write(std::string_view text) {
    std::filesystem::create_directories(folder_.path() / "mappings");
    std::ofstream(folder_.path() / "mappings" / "site.map") << text;
    return folder_.path();
  }
  TempFolder folder_;
  Library library_;
};

}  // namespace tombolo::test
