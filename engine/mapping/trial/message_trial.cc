#include "engine/mapping/trial/message_trial.h"

#include "engine/canonical/view.h"
#include "engine/formats/fhir/parse.h"
#include "engine/formats/hl7v2/hl7v2.h"
#include "engine/formats/hl7v2/print.h"
#include "engine/mapping/trial/message_claims.h"

namespace tombolo::trial {
namespace {

void unread(const Tree& source, const FhirSchema& schema, NodeId node, const RunReport& report, std::vector<std::string>& places) {
  if (source[node].holds == Holds::text && !report.read[node]) places.push_back(fhir_path(source, schema, node));
  for (const NodeId child : children(source, node)) unread(source, schema, child, report, places);
}

}  // namespace

MessageTrial::MessageTrial(const Library& library, const V2Dictionary& dictionary, const FhirSchema& schema, const std::vector<std::string>& layers,
                           Diagnostics& diagnostics)
    : dictionary_(dictionary), schema_(schema) {
  Diagnostics found;
  messages_ = Messages::load(library, dictionary, schema, layers, found);
  sound_ = !found.failed();
  diagnostics.append(found);
}

Result<MessageTrial::Built> MessageTrial::built(const Case& test) const {
  Arena source_arena, arena;
  Tree source(source_arena), out(arena);
  if (const auto parsed = parse_fhir(test.message, schema_, source); !parsed) return parsed.error();
  RunInputs inputs;
  inputs.message = test.id;
  inputs.received = test.received;
  inputs.watch = true;
  RunReport report;
  if (const auto done = messages_->run(source, test.kind, inputs, out, report); !done) return done.error();
  const auto printed = hl7v2::print(out, dictionary_);
  if (!printed) return printed.error();
  Built made{*printed, {}, {}, std::move(report.fired)};
  const auto from = [&](NodeId node) { return node == no_node ? std::string() : " " + fhir_path(source, schema_, node); };
  for (const auto& line : report.lines)
    made.lines.push_back(std::string(name(line.kind)) + (line.path.empty() ? "" : " " + line.path) + from(line.source) + ": " + line.text);
  for (const auto& miss : report.missed)
    if (!miss.ignored) made.lines.push_back("miss" + from(miss.source) + ": " + std::string(messages_->table(*miss.table)) + " has no such code");
  unread(source, schema_, source.root(), report, made.unread);
  return made;
}

Outcome MessageTrial::run(const Suite& suite, const Case& test, bool approve, Diagnostics& diagnostics) const {
  Outcome outcome;
  auto made = built(test);
  Arena arena;
  Tree message(arena);
  std::vector<Complaint> complaints;
  const auto again = made ? hl7v2_format(dictionary_)->parse(made->bytes, {}, message, complaints) : made.error();
  if (!again) {
    outcome.failures.push_back({test.name.place, "the Bundle is mapped", text(again.error())});
    return outcome;
  }
  outcome.fired = std::move(made->fired);
  const MessageClaims claims{suite, test, dictionary_, schema_};
  claims.check(message, diagnostics, outcome.failures);
  if (test.diagnostics) check_diagnostics(*test.diagnostics, std::move(made->lines), outcome.failures);
  if (test.unmapped) check_unmapped(*test.unmapped, std::move(made->unread), outcome.failures);
  if (test.golden) {
    outcome.golden = made->bytes;
    if (!approve) claims.check_golden(outcome.golden, outcome.failures);
  }
  for (auto& failure : outcome.failures)
    if (failure.place.line == 0) failure.place = test.name.place;
  return outcome;
}

}  // namespace tombolo::trial
