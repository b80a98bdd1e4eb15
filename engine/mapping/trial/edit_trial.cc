#include "engine/mapping/trial/edit_trial.h"

#include <algorithm>
#include <filesystem>

#include "engine/base/files.h"
#include "engine/base/text.h"
#include "engine/fhirpath/parse.h"
#include "engine/formats/hl7v2/address.h"
#include "engine/formats/hl7v2/hl7v2.h"
#include "engine/mapping/condition.h"

namespace tombolo::trial {
namespace {

// "PID-8 'M'; PV1-2 nothing": what stands at the addresses of a claim.
std::string found_at(const Tree& message, const std::string& claim) {
  std::string out;
  const auto parsed = fhirpath::parse(claim, fhirpath::Dialect::map);
  if (!parsed) return "it does not hold";
  for (const auto& said : parsed.expression.addresses) {
    const auto spelled = fhirpath::text(said);
    const auto address = hl7v2::parse_address(spelled);
    if (!address) continue;
    out += (out.empty() ? "" : "; ") + spelled;
    const auto nodes = hl7v2::find(message, *address);
    for (const NodeId node : nodes) {
      const Node& n = message[node];
      out += n.holds == Holds::text ? " '" + std::string(n.value()) + "'" : n.holds == Holds::deleted ? " \"\"" : " has parts";
    }
    if (nodes.empty()) out += " nothing";
  }
  return out.empty() ? "it does not hold" : out;
}

void find_text(const Tree& message, NodeId node, const Said& text, std::vector<Failure>& failures) {
  const Node& n = message[node];
  if (n.holds == Holds::text && n.value().find(text.text) != std::string_view::npos)
    failures.push_back({text.place, "absent '" + text.text + "'", "stands at " + hl7v2::place(message, node)});
  for (const NodeId child : children(message, node)) find_text(message, child, text, failures);
}

// The first segment that is another one.
std::string difference(std::string_view expected, std::string_view found) {
  const auto then = split(expected, '\r'), now = split(found, '\r');
  for (std::size_t i = 0; i < std::max(then.size(), now.size()); ++i) {
    const auto a = i < then.size() ? then[i] : "nothing", b = i < now.size() ? now[i] : "nothing";
    if (a != b) return "segment " + std::to_string(i + 1) + "\n  expected " + std::string(a) + "\n  found    " + std::string(b);
  }
  return {};
}

void check_golden(const Suite& suite, const Said& golden, const std::string& text, std::vector<Failure>& failures) {
  const auto file = suite.file.parent_path() / golden.text;
  if (!std::filesystem::is_regular_file(file))
    return failures.push_back({golden.place, "golden " + golden.text, "there is no such file; `tombolo test --approve` writes it"});
  if (const auto kept = read_file(file); kept != text) failures.push_back({golden.place, "golden " + golden.text, difference(kept, text)});
}

}  // namespace

EditTrial::EditTrial(const Library& library, const V2Dictionary& dictionary, const FhirSchema& schema, const std::string& named, Diagnostics& diagnostics)
    : dictionary_(dictionary), schema_(schema), format_(hl7v2_format(dictionary)) {
  const auto slash = named.find('/');
  if (slash != named.npos) name_ = named.substr(slash + 1);
  Diagnostics found;
  edits_ = Edits::load(library, dictionary, schema, {named.substr(0, slash)}, found);
  const auto names = edits_->names();
  if (!name_.empty() && std::find(names.begin(), names.end(), name_) == names.end())
    found.error({named, 0, 0}, "no edit is called '" + name_ + "'" + suggestion(name_, names));
  sound_ = !found.failed();
  diagnostics.append(found);
}

Result<std::string> EditTrial::edited(const Case& test, std::vector<std::string>& lines, std::vector<bool>& fired) const {
  Arena source_arena, arena;
  Tree source(source_arena), out(arena);
  std::vector<Complaint> complaints;
  if (const auto parsed = format_->parse(test.message, {}, source, complaints); !parsed) return parsed.error();
  EditReport report;
  RunInputs inputs;
  inputs.watch = true;
  if (const auto done = edits_->run(source, name_, inputs, out, report); !done) return done.error();
  fired = std::move(report.fired);
  const auto place = [&](NodeId node) { return node == no_node ? std::string() : " " + hl7v2::place(source, node); };
  for (const auto& line : report.lines) lines.push_back(std::string(name(line.kind)) + place(line.source) + ": " + line.text);
  for (const auto& miss : report.missed)
    if (!miss.ignored) lines.push_back("miss" + place(miss.source) + ": " + std::string(edits_->table(*miss.table)) + " has no such code");
  return format_->print(out);
}

void EditTrial::check_claims(const Suite& suite, const Case& test, const Tree& message, Diagnostics& diagnostics,
                             std::vector<Failure>& failures) const {
  for (const auto& said : test.expect) {
    const auto claim = Condition::compile(said.text, Condition::Subject::hl7v2, said.place, suite.text, dictionary_, schema_, diagnostics);
    const bool reads = !fhirpath::parse(said.text, fhirpath::Dialect::map).expression.addresses.empty();
    if (claim != nullptr && !reads) diagnostics.error(said.place, "this claim reads nothing of the message: it cannot fail", suite.text);
    if (claim == nullptr || !reads) {
      failures.push_back({said.place, said.text, "the claim cannot be asked"});
      continue;
    }
    Arena scratch;
    const auto holds = claim->holds(message, scratch);
    if (!holds || !*holds) failures.push_back({said.place, said.text, holds ? found_at(message, said.text) : text(holds.error())});
  }
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
  check_claims(suite, test, message, diagnostics, outcome.failures);
  if (test.diagnostics) check_diagnostics(*test.diagnostics, std::move(lines), outcome.failures);
  for (const auto& said : test.absent) find_text(message, message.root(), said, outcome.failures);
  if (test.golden) {
    outcome.golden = *bytes;
    if (!approve) check_golden(suite, *test.golden, outcome.golden, outcome.failures);
  }
  for (auto& failure : outcome.failures)
    if (failure.place.line == 0) failure.place = test.name.place;
  return outcome;
}

}  // namespace tombolo::trial
