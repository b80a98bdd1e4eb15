#include "engine/command/map_to_v2.h"

#include <stdexcept>

#include "engine/canonical/view.h"
#include "engine/formats/fhir/parse.h"
#include "engine/formats/hl7v2/address.h"
#include "engine/formats/hl7v2/print.h"

namespace tombolo {

MessageDesk::MessageDesk(const MapOptions& options, const Messages& messages, const V2Dictionary& dictionary, const FhirSchema& schema)
    : options_(options), messages_(messages), dictionary_(dictionary), schema_(schema), kind_{options.to, options.version} {
  if (const auto known = messages.check(kind_); !known) throw std::invalid_argument(text(known.error()));
  if (options.at.empty()) return;
  const auto at = from_iso8601(options.at);
  if (!at) throw std::invalid_argument("--at: expected a time such as 2026-01-31T09:45:00Z, found " + options.at);
  received_ = *at;
}

Result<std::string> MessageDesk::map(std::string_view bytes) const {
  Arena source_arena, out_arena;
  Tree source(source_arena), out(out_arena);
  if (const auto parsed = parse_fhir(bytes, schema_, source); !parsed) return parsed.error();
  RunInputs inputs;
  inputs.message = options_.id;
  inputs.received = received_;
  inputs.watch = options_.unmapped;
  RunReport report;
  if (const auto done = messages_.run(source, kind_, inputs, out, report); !done) return done.error();
  if (options_.unmapped) {
    std::string text;
    unread(source, source.root(), report, text);
    return text;
  }
  if (options_.explain) return explained(source, out, report);
  return hl7v2::print(out, dictionary_);
}

std::string MessageDesk::explained(const Tree& source, const Tree& out, const RunReport& report) const {
  std::string text;
  leaf(source, out, out.root(), text);
  for (const auto& line : report.lines) {
    text += std::string(name(line.kind)) + ": " + line.text;
    if (!line.path.empty()) text += "  " + line.path;
    if (line.source != no_node) text += "  <- " + fhir_path(source, schema_, line.source);
    if (line.rule != 0) text += "  " + messages_.rule(line.rule);
    text += "\n";
  }
  for (const auto& miss : report.missed)
    text += "miss: " + std::string(messages_.table(*miss.table)) + "  <- " + fhir_path(source, schema_, miss.source) + "  " + messages_.rule(miss.rule) + "\n";
  return text;
}

void MessageDesk::leaf(const Tree& source, const Tree& out, NodeId node, std::string& text) const {
  const Node& n = out[node];
  if (n.lineage != 0) {
    const auto& lineage = out.lineage(n.lineage);
    const auto sources = out.sources(n.lineage);
    text += hl7v2::place(out, node) + (n.holds == Holds::text ? " = " + std::string(n.value()) : n.holds == Holds::deleted ? " deleted" : "");
    for (std::size_t i = 0; i < sources.size(); ++i)
      text += (i + lineage.because == sources.size() ? "  because " : i == 0 ? "  <- " : ", ") + fhir_path(source, schema_, sources[i]);
    text += "  " + messages_.rule(lineage.rule);
    if (lineage.table_row != 0) text += " row " + std::to_string(lineage.table_row);
    text += "\n";
  }
  for (const NodeId child : children(out, node)) leaf(source, out, child, text);
}

void MessageDesk::unread(const Tree& source, NodeId node, const RunReport& report, std::string& text) const {
  if (source[node].holds == Holds::text && !report.read[node]) text += fhir_path(source, schema_, node) + "\n";
  for (const NodeId child : children(source, node)) unread(source, child, report, text);
}

}  // namespace tombolo
