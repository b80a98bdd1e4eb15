#include "engine/command/test.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <fstream>
#include <map>
#include <memory>
#include <ostream>
#include <stdexcept>

#include "engine/base/files.h"
#include "engine/command/command.h"
#include "engine/command/coverage.h"
#include "engine/crypto/hash.h"
#include "engine/mapping/trial/edit_trial.h"
#include "engine/mapping/trial/message_trial.h"

namespace tombolo {
namespace {

namespace fs = std::filesystem;
using trial::EditTrial;
using trial::MessageTrial;
using trial::Suite;
using trial::Trial;

// Where a test file stands: the folder that holds mappings/ above it, and the folder under mappings/.
struct Standing {
  fs::path site;      // absolute; without a mappings/ above it, the file's own folder
  std::string layer;  // empty: there is none
};

Standing standing(const fs::path& file) {
  const auto whole = fs::absolute(file).lexically_normal();
  for (fs::path below = whole, above = whole.parent_path(); above != above.parent_path(); below = above, above = above.parent_path())
    if (above.filename() == "mappings") return {above.parent_path(), below == whole ? "" : below.filename().string()};
  return {whole.parent_path(), ""};
}

// As people are shown it: from where they stand, if it is below.
fs::path shown(const fs::path& path) {
  const auto whole = fs::absolute(path).lexically_normal();
  const auto from_here = whole.lexically_relative(fs::current_path());
  return from_here.empty() || *from_here.begin() == ".." ? whole : from_here;
}

std::vector<fs::path> test_files(const fs::path& path) {
  std::vector<fs::path> files;
  if (fs::is_regular_file(path)) return {path};
  if (!fs::is_directory(path)) throw std::runtime_error("cannot read " + path.string());
  for (const auto& entry : fs::recursive_directory_iterator(path))
    if (entry.is_regular_file() && entry.path().filename().string().ends_with(".test.yaml")) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

// One tree of maps. A folder with schemas/ beside mappings/ is a tree of what ships and stands in for what is packed into the
// binary; any other one is a site, whose files hide the packed ones.
class Ground {
 public:
  Ground(const fs::path& site, const std::string& shipped)
      : library_(ships(site) ? Library({}, shown(site)) : Library(shown(site), shipped)), dictionary_(library_), schema_(library_) {}

  // Loaded once; findings are told then.
  const Trial& trial(const std::vector<std::string>& layers, Diagnostics& diagnostics) {
    auto& made = trials_[layers];
    if (!made) made = std::make_unique<Trial>(library_, dictionary_, schema_, layers, diagnostics);
    return *made;
  }
  const MessageTrial& messages(const std::vector<std::string>& layers, Diagnostics& diagnostics) {
    auto& made = messages_[layers];
    if (!made) made = std::make_unique<MessageTrial>(library_, dictionary_, schema_, layers, diagnostics);
    return *made;
  }
  const EditTrial& edits(const std::vector<std::string>& layers, Diagnostics& diagnostics) {
    auto& made = edits_[layers];
    if (!made) made = std::make_unique<EditTrial>(library_, dictionary_, schema_, layers, diagnostics);
    return *made;
  }

 private:
  static bool ships(const fs::path& site) { return fs::is_directory(site / "schemas") && fs::is_directory(site / "mappings"); }

  Library library_;
  V2Dictionary dictionary_;
  FhirSchema schema_;
  std::map<std::vector<std::string>, std::unique_ptr<Trial>> trials_;
  std::map<std::vector<std::string>, std::unique_ptr<MessageTrial>> messages_;
  std::map<std::vector<std::string>, std::unique_ptr<EditTrial>> edits_;
};

class Testing {
 public:
  explicit Testing(const TestOptions& options) : options_(options) {}

  void file(const fs::path& path) {
    const auto name = shown(path).string();
    Diagnostics found;
    auto suite = trial::read_suite(path, name, found);
    const auto where = standing(path);
    if (suite.layers.empty() && !where.layer.empty()) suite.layers = {where.layer};
    const bool maps = std::any_of(suite.cases.begin(), suite.cases.end(), [](const trial::Case& c) { return c.edit.empty() && !c.bundle; });
    const bool messages = std::any_of(suite.cases.begin(), suite.cases.end(), [](const trial::Case& c) { return c.bundle; });
    if (suite.layers.empty() && (maps || messages))
      found.error(suite.place, "which maps? the file stands in no folder of mappings/: say `layers: [hl7v2-to-fhir]`", suite.text);
    diagnostics.append(found);
    if (found.failed()) return fail(name, {"the file", suite.place}, "it has errors");
    auto& ground = grounds_[where.site];
    if (!ground) ground = std::make_unique<Ground>(where.site, options_.shipped);
    if (maps) results.rules.know(ground->trial(suite.layers, diagnostics).maps());
    if (messages) results.rules.know(ground->messages(suite.layers, diagnostics).messages());
    for (const auto& test : suite.cases) {
      if (test.bundle) built(suite, name, test, ground->messages(suite.layers, diagnostics));
      else if (!test.edit.empty()) edited(suite, name, test, ground->edits(test.edit, diagnostics));
      else if (const auto& trial = ground->trial(suite.layers, diagnostics); trial.sound()) one(suite, name, test, trial);
      else fail(name, test.name, "the maps have errors");
    }
  }

  TestResults results;
  Diagnostics diagnostics;

 private:
  void fail(const std::string& file, const trial::Said& name, std::string why) {
    results.tests.push_back({file, name, {{name.place, "", std::move(why)}}});
  }

  void one(const Suite& suite, const std::string& name, const trial::Case& test, const Trial& trial) {
    auto outcome = trial.run(suite, test, options_.approve, diagnostics);
    results.rules.add(trial.maps(), outcome.fired);
    if (outcome.made && options_.coverage) results.fields.add(outcome.made->source, outcome.made->bundle, outcome.made->report);
    tell(suite, name, test, std::move(outcome));
  }

  void built(const Suite& suite, const std::string& name, const trial::Case& test, const MessageTrial& trial) {
    if (!trial.sound()) return fail(name, test.name, "the maps have errors");
    auto outcome = trial.run(suite, test, options_.approve, diagnostics);
    results.rules.add(trial.messages(), outcome.fired);
    tell(suite, name, test, std::move(outcome));
  }

  void edited(const Suite& suite, const std::string& name, const trial::Case& test, const EditTrial& trial) {
    results.rules.know(trial.edits());
    if (!trial.sound()) return fail(name, test.name, "the edits have errors");
    auto outcome = trial.run(suite, test, options_.approve, diagnostics);
    results.rules.add(trial.edits(), outcome.fired);
    tell(suite, name, test, std::move(outcome));
  }

  void tell(const Suite& suite, const std::string& name, const trial::Case& test, trial::Outcome outcome) {
    if (options_.approve && !outcome.golden.empty()) approve(suite.file.parent_path() / test.golden->text, outcome.golden);
    if (test.signature) signed_text(suite.file.parent_path() / test.golden->text, *test.signature);
    results.tests.push_back({name, test.name, std::move(outcome.failures)});
  }

  void signed_text(const fs::path& golden, const trial::Signature& signature) {
    if (!fs::is_regular_file(golden)) return;
    const auto now = hex(sha256(read_file(golden))).substr(0, 8);
    if (now != signature.of)
      results.unread.push_back(text(signature.place) + ": " + shown(golden).string() + " is " + now + " now, and not what was signed by " + signature.who);
  }

  void approve(const fs::path& golden, const std::string& text) {
    const bool there = fs::is_regular_file(golden);
    if (there && read_file(golden) == text) return;
    std::ofstream to(golden, std::ios::binary | std::ios::trunc);
    if (!(to << text) || !to.flush()) throw std::runtime_error("cannot write " + golden.string());
    results.approved.push_back((there ? "changed " : "new ") + shown(golden).string());
  }

  const TestOptions& options_;
  std::map<fs::path, std::unique_ptr<Ground>> grounds_;
};

// The files of rules that the path covers: of a folder those below it, of a file all of its maps'.
std::vector<trial::RuleTally::File> covered(const TestResults& results, const fs::path& path) {
  auto files = results.rules.files();
  if (!fs::is_directory(path)) return files;
  const auto folder = shown(path).string();
  if (folder != ".") std::erase_if(files, [&](const trial::RuleTally::File& f) { return !f.name.starts_with(folder); });
  return files;
}

double share(const std::vector<trial::RuleTally::File>& files) {
  std::size_t rules = 0, fired = 0;
  for (const auto& f : files) rules += f.rules, fired += f.fired;
  return rules == 0 ? 1 : static_cast<double>(fired) / static_cast<double>(rules);
}

}  // namespace

int test_command(const TestOptions& options, std::ostream& out, std::ostream& err) {
  Testing testing(options);
  const auto files = test_files(options.path);
  if (files.empty()) {
    err << "tombolo: no *.test.yaml below " << options.path << std::endl;
    return 1;
  }
  for (const auto& file : files) testing.file(file);
  auto& results = testing.results;
  results.files = covered(results, options.path);
  err << testing.diagnostics.print();
  if (options.json) print_results_json(results, options.coverage, out);
  else print_results(results, out);
  if (!options.junit.empty()) {
    std::ofstream to(options.junit, std::ios::binary | std::ios::trunc);
    if (!(to << junit(results)) || !to.flush()) throw std::runtime_error("cannot write " + options.junit);
  }
  if (options.coverage && !options.json) {
    print_rules(results.files, out);
    print_fields(results.fields.fields(), out);
  }
  const bool enough = !options.rules || share(results.files) >= *options.rules;
  if (!enough) err << "tombolo: of the rules " << static_cast<int>(share(results.files) * 1000) / 10.0 << " % fired, fewer than the "
                   << *options.rules * 100 << " % that --rules asks for; --coverage lists the others\n";
  if (!options.json) out << results.passed() << " passed, " << results.failed() << " failed" << std::endl;
  return results.failed() == 0 && enough ? 0 : 1;
}

void add_test(CLI::App& app, Desk& desk) {
  auto options = std::make_shared<TestOptions>();
  auto least = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("test", "the tests beside the maps: every *.test.yaml of a folder");
  command->add_option("PATH", options->path, "a test file, or a folder (default: where you stand)");
  command->add_flag("--approve", options->approve, "write the golden files from what the maps give now; then read the difference");
  command->add_flag("--coverage", options->coverage, "which rules fired, and which fields of the messages are mapped");
  command->add_option("--rules", *least, "fail if fewer of the rules fired: 95%")->type_name("SHARE");
  command->add_option("--junit", options->junit, "write the results as JUnit's XML")->type_name("FILE");
  command->add_flag("--json", options->json, "the results as JSON");
  command->callback([options, least, &desk] {
    options->shipped = desk.shipped;
    if (!least->empty()) {
      char* end = nullptr;
      const double percent = std::strtod(least->c_str(), &end);
      if (end == least->c_str() || std::string_view(end) != "%" || percent < 0 || percent > 100) {
        desk.err << "tombolo: --rules: expected a share such as 95%, found " << *least << std::endl;
        desk.status = 2;
        return;
      }
      options->rules = percent / 100;
    }
    desk.status = test_command(*options, desk.out, desk.err);
  });
}

}  // namespace tombolo
