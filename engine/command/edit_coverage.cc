// tombolo coverage --edit: what an edit does to a folder of messages.
#include <array>
#include <map>
#include <ostream>
#include <tuple>

#include "engine/base/files.h"
#include "engine/base/library.h"
#include "engine/command/coverage.h"
#include "engine/mapping/trial/edit_trial.h"

namespace tombolo {
namespace {

constexpr std::array<std::string_view, 5> deeds{"written", "added", "deleted", "moved", "copied"};

// What was counted over all messages.
class Counted {
 public:
  explicit Counted(const trial::EditTrial& trial) : trial_(trial) { rules_.know(trial.edits()); }

  void file(const std::filesystem::path& file) {
    ++files_;
    const auto bytes = read_file(file);
    const auto messages = trial_.format().split(bytes);
    if (!messages) return fail(file.string(), messages.error());
    for (const auto message : *messages) one(file.string(), message);
  }

  std::size_t edited() const { return edited_; }

  void print(std::ostream& out) const {
    out << edited_ << " of " << messages_ << " messages in " << files_ << " files were edited\n";
    for (const auto& line : failed_) out << "  " << line << "\n";
    out << "\nchanged              times\n";
    for (const auto& [what, times] : changes_) {
      const auto& [field, deed, rule] = what;
      const auto name = field + "  " + std::string(deeds[deed]);
      const auto count = std::to_string(times);
      const std::size_t column = 26;
      out << name << std::string(name.size() + count.size() < column ? column - name.size() - count.size() : 1, ' ') << count << "  " << rule << "\n";
    }
    out << "\n";
    print_findings(findings_, out);
    out << "\n";
    print_rules(rules_.files(), out);
  }

  void print_json(std::ostream& out) const {
    std::string made;
    JsonWriter json(made);
    json.begin_object();
    json.member("files", static_cast<std::int64_t>(files_)), json.member("messages", static_cast<std::int64_t>(messages_));
    json.member("edited", static_cast<std::int64_t>(edited_));
    json.key("not edited"), json.begin_array();
    for (const auto& line : failed_) json.string(line);
    json.end_array();
    json.key("changes"), json.begin_array();
    for (const auto& [what, times] : changes_) {
      json.begin_object();
      json.member("field", std::get<0>(what)), json.member("deed", deeds[std::get<1>(what)]), json.member("rule", std::get<2>(what));
      json.member("times", static_cast<std::int64_t>(times));
      json.end_object();
    }
    json.end_array();
    print_findings_json(findings_, json);
    print_rules_json(rules_.files(), json);
    json.end_object();
    out << made << std::endl;
  }

 private:
  void fail(const std::string& name, const Fault& why) {
    ++messages_;
    failed_.push_back(name + ": " + text(why));
  }

  void one(const std::string& name, std::string_view message) {
    const auto made = trial_.edit(message);
    if (!made) return fail(name, made.error());
    ++messages_, ++edited_;
    const auto& report = (*made)->report;
    for (const auto& change : report.changes)
      ++changes_[{trial::without_repetitions(change.place), static_cast<std::size_t>(change.deed), trial_.edits().rule(change.rule)}];
    rules_.add(trial_.edits(), report.fired);
    findings_.add(trial_.edits(), (*made)->source, report);
  }

  const trial::EditTrial& trial_;
  std::size_t files_ = 0, messages_ = 0, edited_ = 0;
  std::vector<std::string> failed_;                                           // "adt.hl7: MSH-9: there is no edit …"
  std::map<std::tuple<std::string, std::size_t, std::string>, std::size_t> changes_;  // field, deed, rule → times
  trial::RuleTally rules_;
  trial::FindingTally findings_;
};

}  // namespace

int edit_coverage(const CoverageOptions& options, std::ostream& out, std::ostream& err) {
  const auto files = message_files(options.path);
  const Library library(options.site, options.shipped);
  const V2Dictionary dictionary(library);
  const FhirSchema schema(library);
  Diagnostics diagnostics;
  auto layers = options.layers;
  layers.insert(layers.begin(), options.edit);
  const trial::EditTrial trial(library, dictionary, schema, layers, diagnostics);
  err << diagnostics.print();
  if (!trial.sound()) return 1;
  Counted all(trial);
  for (const auto& file : files) all.file(file);
  if (options.json) all.print_json(out);
  else all.print(out);
  return all.edited() == 0 ? 1 : 0;
}

}  // namespace tombolo
