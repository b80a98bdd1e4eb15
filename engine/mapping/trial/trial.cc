#include "engine/mapping/trial/trial.h"

#include <algorithm>
#include <filesystem>

#include "engine/base/files.h"
#include "engine/canonical/view.h"
#include "engine/formats/fhir/print.h"
#include "engine/formats/hl7v2/address.h"
#include "engine/formats/hl7v2/hl7v2.h"
#include "engine/mapping/trial/claim.h"
#include "engine/mapping/trial/difference.h"

namespace tombolo::trial {
namespace {

constexpr std::size_t most_differences = 20;

std::string joined(const std::vector<std::string>& lines) {
  std::string out;
  for (const auto& line : lines) out += (out.empty() ? "" : "\n") + line;
  return out.empty() ? "none" : out;
}

bool says(const std::vector<Said>& all, std::string_view text) {
  return std::any_of(all.begin(), all.end(), [&](const Said& said) { return said.text == text; });
}

// In the values of the Bundle. Ids and the URLs of entries are made here, from a hash.
void find_text(const Tree& bundle, const FhirSchema& schema, NodeId node, const Said& text, std::vector<Failure>& failures) {
  const Node& n = bundle[node];
  const bool made = n.value().starts_with("urn:uuid:") || (n.name() == "id" && schema.is_resource(bundle[n.parent].element));
  if (n.holds == Holds::text && !made && n.value().find(text.text) != std::string_view::npos)
    failures.push_back({text.place, "absent '" + text.text + "'", "stands at " + fhir_path(bundle, schema, node)});
  for (const NodeId child : children(bundle, node)) find_text(bundle, schema, child, text, failures);
}

std::string shown(const std::vector<Difference>& differences) {
  std::string out;
  for (std::size_t i = 0; i < differences.size() && i < most_differences; ++i) {
    const auto& d = differences[i];
    out += (i == 0 ? "" : "\n") + d.path + "\n  expected " + (d.expected.empty() ? "nothing" : d.expected) + "\n  found    " + (d.found.empty() ? "nothing" : d.found);
  }
  if (differences.size() > most_differences) out += "\nand " + std::to_string(differences.size() - most_differences) + " more";
  return out.empty() ? "only the layout differs: `--approve` writes it again" : out;
}

void check_golden(const Suite& suite, const Said& golden, const std::string& text, std::vector<Failure>& failures) {
  const auto file = suite.file.parent_path() / golden.text;
  if (!std::filesystem::is_regular_file(file))
    return failures.push_back({golden.place, "golden " + golden.text, "there is no such file; `tombolo test --approve` writes it"});
  const auto kept = read_file(file);
  if (kept != text) failures.push_back({golden.place, "golden " + golden.text, shown(differences(kept, text))});
}

void unread(const Tree& source, NodeId node, const RunReport& report, std::vector<std::string>& places) {
  if (source[node].holds == Holds::text && !report.read[node]) places.push_back(hl7v2::place(source, node));
  for (const NodeId child : children(source, node)) unread(source, child, report, places);
}

}  // namespace

// Pairs, the texts in their order.
void check_diagnostics(const std::vector<Said>& said, std::vector<std::string> lines, std::vector<Failure>& failures) {
  const auto all = joined(lines);
  for (const auto& wanted : said) {
    const auto at = std::find_if(lines.begin(), lines.end(), [&](const std::string& line) { return line.find(wanted.text) != line.npos; });
    if (at != lines.end()) lines.erase(at);
    else failures.push_back({wanted.place, "diagnostic '" + wanted.text + "'", "reported:\n" + all});
  }
  const auto place = said.empty() ? Place{} : said.front().place;
  if (!lines.empty()) failures.push_back({place, "no other diagnostics", "reported:\n" + joined(lines)});
}

void check_unmapped(const std::vector<Said>& said, std::vector<std::string> places, std::vector<Failure>& failures) {
  for (const auto& wanted : said) {
    const auto at = std::find(places.begin(), places.end(), wanted.text);
    if (at != places.end()) places.erase(at);
    else failures.push_back({wanted.place, "unmapped " + wanted.text, "a rule reads it, or it has no value"});
  }
  const auto place = said.empty() ? Place{} : said.front().place;
  if (!places.empty()) failures.push_back({place, "nothing else unmapped", "no rule reads:\n" + joined(places)});
}

std::vector<std::string> unmapped(const Tree& source, const RunReport& report) {
  std::vector<std::string> places;
  unread(source, source.root(), report, places);
  return places;
}

Trial::Trial(const Library& library, const V2Dictionary& dictionary, const FhirSchema& schema, const std::vector<std::string>& layers,
             Diagnostics& diagnostics)
    : schema_(schema), format_(hl7v2_format(dictionary)) {
  Diagnostics found;
  maps_ = Maps::load(library, dictionary, schema, layers, found);
  sound_ = !found.failed();
  diagnostics.append(found);
}

Result<std::unique_ptr<Made>> Trial::map(std::string_view bytes, const std::optional<Zone>& zone) const {
  const auto messages = format_->split(bytes);
  if (!messages) return messages.error();
  if (messages->size() != 1) return Fault{Kind::unsupported, "", "expected one message, found " + std::to_string(messages->size())};
  auto made = std::make_unique<Made>();
  std::vector<Complaint> complaints;
  const auto parsed = format_->parse(messages->front(), {}, made->source, complaints);
  if (!parsed) return parsed.error();
  const auto* const map = maps_->for_message(made->source);
  if (map == nullptr) return maps_->no_map(made->source);
  RunInputs inputs;
  inputs.zone = zone;
  inputs.watch = true;
  if (const auto peek = format_->peek(messages->front(), {}, {})) inputs.message = message_name(*peek, messages->front());
  const auto done = maps_->run(*map, made->source, inputs, made->bundle, made->report);
  if (!done) return done.error();
  return made;
}

std::vector<std::string> Trial::lines(const Made& made) const {
  std::vector<std::string> lines;
  const auto add = [&](std::string_view kind, NodeId source, const std::string& text, const std::string& path) {
    std::string line(kind);
    if (source != no_node) line += " " + hl7v2::place(made.source, source);
    if (!path.empty()) line += " " + path;
    lines.push_back(line + ": " + text);
  };
  for (const auto& line : made.report.lines) add(name(line.kind), line.source, line.text, line.path);
  for (const auto& miss : made.report.missed)
    if (!miss.ignored) add("miss", miss.source, std::string(maps_->table(*miss.table)) + " has no such code", "");
  return lines;
}

Outcome Trial::run(const Suite& suite, const Case& test, bool approve, Diagnostics& diagnostics) const {
  Outcome outcome;
  auto& failures = outcome.failures;
  std::vector<std::unique_ptr<const Claim>> claims;
  for (const auto& said : test.expect) {
    claims.push_back(Claim::compile(said, suite.text, schema_, diagnostics));
    if (!claims.back()) failures.push_back({said.place, said.text, "the claim cannot be asked"});
  }
  auto made = map(test.message, test.zone);
  if (!made) {
    failures.push_back({test.name.place, "the message is mapped", text(made.error())});
    return outcome;
  }
  outcome.made = std::move(*made);
  auto& run = *outcome.made;
  outcome.fired = run.report.fired;
  for (std::size_t i = 0; i < claims.size(); ++i) {
    if (!claims[i]) continue;
    Arena scratch;
    if (auto refuted = claims[i]->refuted(run.bundle, scratch); !refuted.empty())
      failures.push_back({test.expect[i].place, test.expect[i].text, std::move(refuted)});
  }
  if (test.diagnostics) check_diagnostics(*test.diagnostics, lines(run), failures);
  if (test.unmapped) {
    auto places = unmapped(run.source, run.report);
    if (test.fragment) std::erase_if(places, [&](const std::string& place) { return place.starts_with("MSH-") && !says(*test.unmapped, place); });
    check_unmapped(*test.unmapped, std::move(places), failures);
  }
  for (const auto& said : test.absent) find_text(run.bundle, schema_, run.bundle.root(), said, failures);
  if (test.golden) {
    outcome.golden = print_fhir(run.bundle, schema_, 2) + "\n";
    if (!approve) check_golden(suite, *test.golden, outcome.golden, failures);
  }
  for (auto& failure : failures)
    if (failure.place.line == 0) failure.place = test.name.place;
  return outcome;
}

}  // namespace tombolo::trial
