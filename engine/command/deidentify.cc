// tombolo deidentify: FHIR in, what a policy lets through out. Exit: 0 done, 1 the policy is wrong (or has no such type to show),
// 2 wrong usage, 3 quarantined (could not be read or treated: nothing leaves), 4 rejected (policy or key will not do), 5 held, 6 could
// not try.
#include <CLI/CLI.hpp>

#include <memory>
#include <ostream>

#include "engine/base/files.h"
#include "engine/base/secret.h"
#include "engine/base/text.h"
#include "engine/command/command.h"
#include "engine/command/input.h"
#include "engine/filters/deidentify/coverage.h"
#include "engine/filters/deidentify/deidentify.h"
#include "engine/formats/fhir/parse.h"
#include "engine/formats/fhir/print.h"

namespace tombolo {
namespace {

enum Exit { done = 0, quarantined = 3, rejected = 4, held = 5, could_not_try = 6 };

struct DeidentifyOptions {
  std::string policy, input = "-", key_file, project = "default", site, of;
  bool coverage = false, explain = false, pretty = false;
};

// RFC 7464: resources, each behind a record separator, are treated together: one person is one person in all of them.
constexpr char separator = '\x1e';

class Bench {
 public:
  Bench(const DeidentifyOptions& options, Desk& desk)
      : options_(options), desk_(desk), library_(options.site, desk.shipped), schema_(library_) {}

  int run() {
    using namespace deidentify;
    Diagnostics diagnostics;
    Policy policy = read_policy(library_, options_.policy, {}, schema_, diagnostics);
    if (diagnostics.failed()) return said(diagnostics, rejected);
    if (options_.coverage) return tabulate(policy, diagnostics);
    const auto keys = Keys::derive(secret(), options_.project);
    if (!keys) return desk_.err << "tombolo: " << text(keys.error()) << std::endl, rejected;
    const auto filter = Deidentifier::make(std::move(policy), *keys, schema_, diagnostics);
    if (!filter) return said(diagnostics, rejected);
    said(diagnostics, done);
    return treat(*filter, read_input(options_.input));
  }

 private:
  int said(const Diagnostics& diagnostics, int status) const {
    desk_.err << diagnostics.print();
    return status;
  }

  std::string secret() const {
    if (!options_.key_file.empty()) return std::string(trim(read_file(options_.key_file)));
    const Secrets secrets(process_environment(), options_.site.empty() ? "" : options_.site + "/secrets");
    const auto found = secrets.find(options_.project);
    if (!found) desk_.err << "tombolo: no key: say --key-file FILE, or set " << secrets.places(options_.project) << "\n";
    return found.value_or("");
  }

  int tabulate(const deidentify::Policy& policy, Diagnostics& diagnostics) const {
    const deidentify::Verdicts verdicts(policy, schema_, diagnostics);
    said(diagnostics, done);
    if (diagnostics.failed()) return rejected;
    const auto table = deidentify::coverage(verdicts, options_.of);
    desk_.out << table.table << std::flush;
    for (std::size_t i = 0; i < table.leaves.size(); ++i) {
      if (table.leaves[i] > 0) desk_.err << deidentify::name(static_cast<deidentify::Method>(i)) << " " << table.leaves[i] << "\n";
    }
    return table.table.empty() ? 1 : done;
  }

  int treat(const deidentify::Deidentifier& filter, const std::string& bytes) const {
    const bool several = bytes.find(separator) != std::string::npos;
    const std::string whole = several ? collected(bytes) : bytes;
    Arena in_arena, out_arena;
    Tree in(in_arena), out(out_arena);
    // Where it stands could be a name out of the message: what is wrong is said, not where.
    if (const auto read = parse_fhir(whole, schema_, in); !read) return refused(read.error());
    deidentify::Report report;
    const auto release = filter(in, {real_world().now()}, out, options_.explain ? &report : nullptr);
    if (!release) return refused(release.error());
    if (*release == deidentify::Release::held) {
      desk_.err << options_.input << ": held: a rule of the policy says that a person looks at it first" << std::endl;
      return held;
    }
    if (options_.explain) desk_.out << text(report, filter.policy()) << std::flush;
    else print(out, several);
    return done;
  }

  int refused(const Fault& fault) const {
    desk_.err << options_.input << ": quarantined: " << name(fault.kind) << "; nothing leaves" << std::endl;
    return quarantined;
  }

  // The resources as entries of one Bundle.
  static std::string collected(std::string_view bytes) {
    std::string bundle = R"({"resourceType":"Bundle","type":"collection","entry":[)";
    bool first = true;
    for (const auto part : split(bytes, separator)) {
      if (trim(part).empty()) continue;
      bundle += std::string(first ? "" : ",") + R"({"resource":)" + std::string(part) + '}';
      first = false;
    }
    return bundle + "]}";
  }

  void print(const Tree& out, bool several) const {
    const int indent = options_.pretty ? 2 : 0;
    if (!several) {
      desk_.out << print_fhir(out, schema_, indent) << "\n" << std::flush;
      return;
    }
    for (NodeId entry = out.child(out.root(), "entry"); entry != no_node; entry = out.next_same(entry)) {
      std::string text;
      append_fhir(text, out, schema_, out.child(entry, "resource"), indent);
      desk_.out << text << "\n";
    }
    desk_.out << std::flush;
  }

  const DeidentifyOptions& options_;
  Desk& desk_;
  Library library_;
  FhirSchema schema_;
};

}  // namespace

void add_deidentify(CLI::App& app, Desk& desk) {
  auto options = std::make_shared<DeidentifyOptions>();
  CLI::App* command = app.add_subcommand("deidentify", "take out of FHIR what says who it is about: tombolo deidentify research FILE");
  command->add_option("POLICY", options->policy, "a policy of the site or a shipped one: safe-harbor, research")->required();
  command->add_option("FILE", options->input, "a Bundle or resource as JSON, or - for standard input (default)");
  command->add_option("--key-file", options->key_file, "the file of the secret; else the secret called like the project")->type_name("FILE");
  command->add_option("--project", options->project, "what the tokens are for; those of two projects cannot be joined");
  command->add_option("--site", options->site, "the folder of the site's policies/ and secrets/")->type_name("DIR");
  command->add_option("--of", options->of, "with --coverage: this resource type only")->type_name("TYPE");
  command->add_flag("--coverage", options->coverage, "per leaf of FHIR: verdict and rule; needs no message and no key");
  command->add_flag("--explain", options->explain, "per leaf of the message: verdict, rule, fingerprint of the value; never the value");
  command->add_flag("--pretty", options->pretty, "indented JSON");
  command->callback([options, &desk] {
    try {
      desk.status = Bench(*options, desk).run();
    } catch (const std::exception& failure) {
      desk.err << "tombolo: " << failure.what() << std::endl;
      desk.status = could_not_try;
    }
  });
}

}  // namespace tombolo
