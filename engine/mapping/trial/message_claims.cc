#include "engine/mapping/trial/message_claims.h"

#include <algorithm>
#include <filesystem>

#include "engine/base/files.h"
#include "engine/base/text.h"
#include "engine/fhirpath/parse.h"
#include "engine/formats/hl7v2/address.h"
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

}  // namespace

void MessageClaims::check(const Tree& message, Diagnostics& diagnostics, std::vector<Failure>& failures) const {
  for (const auto& said : test.expect) {
    const auto claim = Condition::compile(said.text, Condition::Subject::hl7v2, said.place, suite.text, dictionary, schema, diagnostics);
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
  for (const auto& said : test.absent) find_text(message, message.root(), said, failures);
}

void MessageClaims::check_golden(const std::string& text, std::vector<Failure>& failures) const {
  const auto& golden = *test.golden;
  const auto file = suite.file.parent_path() / golden.text;
  if (!std::filesystem::is_regular_file(file))
    return failures.push_back({golden.place, "golden " + golden.text, "there is no such file; `tombolo test --approve` writes it"});
  if (const auto kept = read_file(file); kept != text) failures.push_back({golden.place, "golden " + golden.text, difference(kept, text)});
}

}  // namespace tombolo::trial
