// validate: what is wrong with messages by the standard of their version.
#include <CLI/CLI.hpp>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <ostream>
#include <stdexcept>

#include "engine/base/files.h"
#include "engine/base/json.h"
#include "engine/base/text.h"
#include "engine/command/command.h"
#include "engine/command/input.h"
#include "engine/filters/validate/hl7v2.h"
#include "engine/formats/hl7v2/hl7v2.h"

namespace tombolo {
namespace {

namespace fs = std::filesystem;

struct ValidateOptions {
  std::vector<std::string> paths;
  std::vector<std::string> severities;   // "family=severity"
  bool json = false;
};

template <class Names>
std::size_t index_of(const Names& names, std::string_view name, std::string_view what) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  const std::vector<std::string_view> known(names.begin(), names.end());
  throw std::invalid_argument("--severity: no " + std::string(what) + " is called '" + std::string(name) + "'" + suggestion(name, known));
}

Weights weights_of(const std::vector<std::string>& severities) {
  Weights weights = usual_weights;
  for (const std::string& one : severities) {
    const auto equals = std::min(one.find('='), one.size());
    const std::size_t family = index_of(family_names, one.substr(0, equals), "family");
    weights[family] = static_cast<Weight>(index_of(weight_names, equals < one.size() ? one.substr(equals + 1) : "", "severity"));
  }
  return weights;
}

// Validates files and prints what it finds, a line each.
class Validator {
 public:
  Validator(const ValidateOptions& options, Desk& desk)
      : json_(options.json),
        weights_(weights_of(options.severities)),
        library_({}, desk.shipped),
        dictionary_(library_),
        format_(hl7v2_format(dictionary_)),
        out_(desk.out) {}

  void file(const std::string& name, const std::string& bytes) {
    const auto messages = format_->split(bytes);
    if (!messages) return unreadable({name, 0}, messages.error());
    for (std::size_t i = 0; i < messages->size(); ++i) message({name, messages->size() > 1 ? i + 1 : 0}, (*messages)[i]);
  }
  bool failed() const { return failed_; }

 private:
  struct Source {
    const std::string& file;
    std::size_t message;                 // from 1; 0: the file's only one
  };

  void message(const Source& source, std::string_view bytes) {
    Arena arena;
    Tree tree(arena);
    std::vector<Complaint> oddities;
    const auto parsed = format_->parse(bytes, {}, tree, oddities);
    if (!parsed) return unreadable(source, parsed.error());
    const Findings found = validate_hl7v2(tree, dictionary_, weights_);
    failed_ = failed_ || found.failed();
    for (const Breach& finding : found.list()) json_ ? print_json(source, finding) : print(source, finding);
    for (std::size_t w = 1; w < weight_names.size(); ++w) rest(source, found, static_cast<Weight>(w));
  }

  void unreadable(const Source& source, const Fault& why) {
    failed_ = true;
    const Breach finding{Family::structure, Weight::error, 0, why.where, {}, "100", why.what};
    json_ ? print_json(source, finding) : print(source, finding);
  }

  void print(const Source& source, const Breach& finding) {
    out_ << source.file << ":";
    if (source.message > 0) out_ << "message " << source.message << ":";
    if (finding.segment > 0) out_ << "segment " << finding.segment << ":";
    if (!finding.place.empty()) out_ << " " << finding.place << ":";
    out_ << " " << weight_names[static_cast<std::size_t>(finding.weight)] << ": " << finding.text << "\n";
  }

  void print_json(const Source& source, const Breach& finding) {
    std::string line;
    JsonWriter json(line);
    json.begin_object();
    json.member("file", source.file);
    json.member("message", static_cast<std::int64_t>(std::max<std::size_t>(source.message, 1)));
    json.member("segment", static_cast<std::int64_t>(finding.segment));
    json.member("place", finding.place);
    json.member("family", family_names[static_cast<std::size_t>(finding.family)]);
    json.member("severity", weight_names[static_cast<std::size_t>(finding.weight)]);
    json.member("code", finding.code);
    json.member("text", finding.text);
    json.end_object();
    out_ << line << "\n";
  }

  // What was only counted.
  void rest(const Source& source, const Findings& found, Weight weight) {
    const auto listed = std::count_if(found.list().begin(), found.list().end(), [&](const Breach& f) { return f.weight == weight; });
    const std::size_t more = found.count(weight) - static_cast<std::size_t>(listed);
    if (more == 0 || json_) return;
    out_ << source.file << ":";
    if (source.message > 0) out_ << "message " << source.message << ":";
    out_ << " " << weight_names[static_cast<std::size_t>(weight)] << ": and " << more << " more\n";
  }

  bool json_;
  Weights weights_;
  Library library_;
  V2Dictionary dictionary_;
  std::unique_ptr<Format> format_;
  std::ostream& out_;
  bool failed_ = false;
};

std::vector<std::string> files_of(const std::string& path) {
  if (path == "-" || !fs::is_directory(path)) return {path};
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(path)) {
    if (entry.is_regular_file() && !entry.path().filename().string().starts_with('.')) files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

int validate(const ValidateOptions& options, Desk& desk) {
  try {
    Validator validator(options, desk);
    for (const std::string& path : options.paths) {
      for (const std::string& file : files_of(path)) validator.file(file, read_input(file));
    }
    return validator.failed() ? 1 : 0;
  } catch (const std::invalid_argument& wrong) {
    desk.err << "tombolo: " << wrong.what() << std::endl;
    return 2;
  }
}

}  // namespace

void add_validate(CLI::App& app, Desk& desk) {
  auto options = std::make_shared<ValidateOptions>();
  CLI::App* command = app.add_subcommand("validate", "check HL7 v2 messages by the standard of their version; exit 1 if there is an error");
  command->add_option("FILE", options->paths, "messages, folders of them, or - for standard input (default)");
  command->add_option("--severity", options->severities, "how bad a family of findings is: unknown=error, length=warning, format=off")
      ->type_name("FAMILY=SEVERITY");
  command->add_flag("--json", options->json, "a JSON object per finding");
  command->callback([options, &desk] {
    if (options->paths.empty()) options->paths = {"-"};
    desk.status = validate(*options, desk);
  });
}

}  // namespace tombolo
