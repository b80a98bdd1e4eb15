// A site with one file of maps from FHIR to HL7 v2 and two code tables, and Bundles to make messages of.
#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "engine/canonical/view.h"
#include "engine/formats/fhir/parse.h"
#include "engine/formats/hl7v2/print.h"
#include "engine/mapping/messages.h"
#include "tests/mapping/fixture.h"

namespace tombolo::test {

class MessageSite {
 public:
  explicit MessageSite(std::string_view text) : library_(write(text), TOMBOLO_SOURCE_DIR) {
    const auto& s = Standards::get();
    messages = Messages::load(library_, s.dictionary, s.schema, {"site"}, diagnostics);
  }

  // The message of a Bundle with these entries, resources in JSON; its lines end with \n here. Or the text of the Fault.
  std::string run(const std::vector<std::string>& resources, const MessageKind& kind = {"ADT_A01", "2.5.1"}) {
    const auto& s = Standards::get();
    std::string bundle = R"({"resourceType":"Bundle","type":"message","entry":[)";
    for (const auto& r : resources) bundle += (&r == resources.data() ? "" : ",") + std::string(R"({"resource":)") + r + "}";
    bundle += "]}";
    Arena source_arena, arena;
    Tree source(source_arena), out(arena);
    if (const auto parsed = parse_fhir(bundle, s.schema, source); !parsed) return text(parsed.error());
    RunInputs inputs;
    inputs.message = "C1";
    inputs.watch = true;
    RunReport report;
    if (const auto done = messages->run(source, kind, inputs, out, report); !done) return text(done.error());
    lines.clear(), unread.clear();
    for (const auto& line : report.lines)
      lines += std::string(name(line.kind)) + " " + line.path + (line.source == no_node ? "" : " <- " + fhir_path(source, s.schema, line.source)) + ": " + line.text + "\n";
    note_unread(source, source.root(), report);
    auto printed = hl7v2::print(out, s.dictionary);
    if (!printed) return text(printed.error());
    for (auto& c : *printed)
      if (c == '\r') c = '\n';
    return *printed;
  }

  // "3:5: text" of each finding, a line each.
  std::string faults() const {
    std::string all;
    for (const auto& d : diagnostics.list()) all += std::to_string(d.place.line) + ":" + std::to_string(d.place.column) + ": " + d.text + "\n";
    return all;
  }

  Diagnostics diagnostics;
  std::unique_ptr<const Messages> messages;
  std::string lines;                  // what the last run reported
  std::string unread;                 // what no rule of it read

 private:
  void note_unread(const Tree& source, NodeId node, const RunReport& report) {
    if (source[node].holds == Holds::text && !report.read[node]) unread += fhir_path(source, Standards::get().schema, node) + "\n";
    for (const NodeId child : children(source, node)) note_unread(source, child, report);
  }
  std::filesystem::path write(std::string_view text) {
    std::filesystem::create_directories(folder_.path() / "mappings");
    std::filesystem::create_directories(folder_.path() / "tables");
    std::ofstream(folder_.path() / "mappings" / "site.map") << text;
    std::ofstream(folder_.path() / "tables" / "sex.csv") << "source_code,target_system,target_code,target_display\n"
                                                            "F,http://hl7.org/fhir/administrative-gender,female,\nA,http://hl7.org/fhir/administrative-gender,other,\n"
                                                            "O,http://hl7.org/fhir/administrative-gender,other,\n";
    std::ofstream(folder_.path() / "tables" / "marital.csv") << "source_code,target_system,target_code,target_display\n"
                                                                "G,urn:m,T,\nP,urn:m,T,\nS,urn:m,S,\n";
    std::ofstream(folder_.path() / "tables" / "marital.back.csv") << "target_system,target_code,source_code\nurn:m,T,P\n";
    return folder_.path();
  }
  TempFolder folder_;
  Library library_;
};

}  // namespace tombolo::test
