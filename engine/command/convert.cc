#include "engine/command/convert.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <ostream>
#include <stdexcept>
#include <vector>

#include "engine/base/files.h"
#include "engine/canonical/check.h"
#include "engine/command/command.h"
#include "engine/command/input.h"
#include "engine/formats/fhir/parse.h"
#include "engine/formats/fhir/print.h"

namespace tombolo {
namespace {

namespace fs = std::filesystem;

class Converter {
 public:
  Converter(const ConvertOptions& options, std::ostream& err) : options_(options), library_({}, options.shipped), schema_(library_), err_(err) {
    reading_.keep_unknown = options.unknown == "keep";
    reading_.skip_comments = options.comments == "skip";
  }

  // The other syntax, or the same again; nothing: refused, and said why.
  std::optional<std::string> convert(const std::string& name, std::string_view bytes) const {
    Arena arena;
    Tree tree(arena);
    if (const auto read = parse_fhir(bytes, schema_, tree, reading_); !read) return refused(name, read.error());
    if (!options_.unchecked && !sound(name, bytes, tree)) return std::nullopt;
    const int indent = options_.pretty ? 2 : 0;
    Result<std::string> printed = options_.to == "xml" ? print_fhir_xml(tree, schema_, indent) : print_fhir(tree, schema_, indent);
    if (!printed) return refused(name, printed.error());
    return *printed + "\n";
  }

  // Every file of the folder; the exit status.
  int folder() const {
    if (options_.out.empty()) throw std::invalid_argument("a folder needs -o OUT, the folder for the results");
    fs::create_directories(options_.out);
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(options_.input)) {
      const auto ending = entry.path().extension();
      if (entry.is_regular_file() && (ending == ".json" || ending == ".xml")) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    std::map<std::string, fs::path> made;
    bool all = true;
    for (const auto& file : files) {
      const std::string target = file.stem().string() + "." + options_.to;
      const auto [other, first] = made.emplace(target, file);
      if (!first) err_ << file.string() << ": " << other->second.string() << " became " << target << " already\n";
      const auto converted = first ? convert(file.string(), read_file(file)) : std::nullopt;
      if (converted) write(fs::path(options_.out) / target, *converted);
      all = all && converted;
    }
    return all ? 0 : 1;
  }

  static void write(const fs::path& file, const std::string& text) {
    std::ofstream to(file, std::ios::binary | std::ios::trunc);
    if (!(to << text) || !to.flush()) throw std::runtime_error("cannot write " + file.string());
  }

 private:
  std::nullopt_t refused(const std::string& name, const Fault& why) const {
    err_ << name << ": " << text(why) << "\n";
    return std::nullopt;
  }

  // Is it R4 by its structure? What its codes and references mean does not matter here, nor what was kept on request.
  bool sound(const std::string& name, std::string_view bytes, const Tree& tree) const {
    bool sound = true;
    for (const Problem& problem : check(tree, schema_)) {
      if (problem.concern != Concern::structure) continue;
      if (reading_.keep_unknown && tree[problem.node].element == untyped) continue;
      refused(name, {Kind::malformed, fhir_place(tree, schema_, problem.node, bytes, fhir_syntax(bytes)), problem.text});
      sound = false;
    }
    return sound;
  }

  const ConvertOptions& options_;
  Library library_;
  FhirSchema schema_;
  FhirReading reading_;
  std::ostream& err_;
};

void check_choice(const std::string& option, const std::string& found, const std::string& one, const std::string& other) {
  if (found != one && found != other) throw std::invalid_argument(option + ": expected " + one + " or " + other + ", found '" + found + "'");
}

}  // namespace

int convert_command(const ConvertOptions& options, std::ostream& out, std::ostream& err) {
  try {
    check_choice("--to", options.to, "json", "xml");
    check_choice("--unknown", options.unknown, "refuse", "keep");
    check_choice("--comments", options.comments, "refuse", "skip");
    const Converter converter(options, err);
    if (options.input != "-" && fs::is_directory(options.input)) return converter.folder();
    const auto converted = converter.convert(options.input, read_input(options.input));
    if (!converted) return 1;
    if (options.out.empty()) out << *converted << std::flush;
    else Converter::write(options.out, *converted);
    return 0;
  } catch (const std::invalid_argument& wrong) {
    err << "tombolo: " << wrong.what() << std::endl;
    return 2;
  } catch (const std::exception& failure) {
    err << "tombolo: " << failure.what() << std::endl;
    return 3;
  }
}

void add_convert(CLI::App& app, Desk& desk) {
  auto options = std::make_shared<ConvertOptions>();
  CLI::App* command = app.add_subcommand("convert", "FHIR R4 from JSON or XML to JSON or XML: tombolo convert --to xml patient.json");
  command->add_option("FILE", options->input, "a resource as JSON or XML, a folder of *.json and *.xml, or - for standard input (default)");
  command->add_option("--to", options->to, "json (default) or xml");
  command->add_option("-o", options->out, "where the result goes; of a folder: the folder for the results")->type_name("OUT");
  command->add_option("--unknown", options->unknown, "elements that R4 does not have: refuse (default) or keep");
  command->add_option("--comments", options->comments, "of XML, outside of the narrative: refuse (default) or skip");
  command->add_flag("--unchecked", options->unchecked, "do not ask for cardinalities and the syntax of values");
  command->add_flag("--pretty", options->pretty, "indented");
  command->callback([options, &desk] {
    options->shipped = desk.shipped;
    desk.status = convert_command(*options, desk.out, desk.err);
  });
}

}  // namespace tombolo
