#include "engine/mapping/trial/edit_trial.h"

#include <algorithm>

#include "engine/base/text.h"
#include "engine/formats/hl7v2/address.h"
#include "engine/formats/hl7v2/hl7v2.h"
#include "engine/mapping/trial/message_claims.h"

namespace tombolo::trial {

EditTrial::EditTrial(const Library& library, const V2Dictionary& dictionary, const FhirSchema& schema, std::vector<std::string> layers, Diagnostics& diagnostics)
    : dictionary_(dictionary), schema_(schema), format_(hl7v2_format(dictionary)) {
  const auto named = layers.front();
  const auto slash = named.find('/');
  if (slash != named.npos) name_ = named.substr(slash + 1);
  layers.front() = named.substr(0, slash);
  Diagnostics found;
  edits_ = Edits::load(library, dictionary, schema, layers, found);
  const auto names = edits_->names();
  if (!name_.empty() && std::find(names.begin(), names.end(), name_) == names.end())
    found.error({named, 0, 0}, "no edit is called '" + name_ + "'" + suggestion(name_, names));
  sound_ = !found.failed();
  diagnostics.append(found);
}

Result<std::unique_ptr<Edited>> EditTrial::edit(std::string_view message) const {
  auto edited = std::make_unique<Edited>();
  std::vector<Complaint> complaints;
  if (const auto parsed = format_->parse(message, {}, edited->source, complaints); !parsed) return parsed.error();
  RunInputs inputs;
  inputs.watch = true;
  if (const auto done = edits_->run(edited->source, name_, inputs, edited->made, edited->report); !done) return done.error();
  return edited;
}

Result<std::string> EditTrial::edited(const Case& test, std::vector<std::string>& lines, std::vector<bool>& fired) const {
  const auto edited = edit(test.message);
  if (!edited) return edited.error();
  const auto& [source_arena, arena, source, made, report] = **edited;
  fired = report.fired;
  const auto place = [&source = source](NodeId node) { return node == no_node ? std::string() : " " + hl7v2::place(source, node); };
  for (const auto& line : report.lines) lines.push_back(std::string(name(line.kind)) + place(line.source) + ": " + line.text);
  for (const auto& miss : report.missed)
    if (!miss.ignored) lines.push_back("miss" + place(miss.source) + ": " + std::string(edits_->table(*miss.table)) + " has no such code");
  return format_->print(made);
}

Outcome EditTrial::run(const Suite& suite, const Case& test, bool approve, Diagnostics& diagnostics) const {
  Outcome outcome;
  std::vector<std::string> lines;
  const auto bytes = edited(test, lines, outcome.fired);
  Arena arena;
  Tree message(arena);
  std::vector<Complaint> complaints;
  const auto again = bytes ? format_->parse(*bytes, {}, message, complaints) : bytes.error();
  if (!again) {
    outcome.failures.push_back({test.name.place, "the message is edited", text(again.error())});
    return outcome;
  }
  const MessageClaims claims{suite, test, dictionary_, schema_};
  claims.check(message, diagnostics, outcome.failures);
  if (test.diagnostics) check_diagnostics(*test.diagnostics, std::move(lines), outcome.failures);
  if (test.golden) {
    outcome.golden = *bytes;
    if (!approve) claims.check_golden(outcome.golden, outcome.failures);
  }
  for (auto& failure : outcome.failures)
    if (failure.place.line == 0) failure.place = test.name.place;
  return outcome;
}

}  // namespace tombolo::trial
