#include "engine/mapping/edits.h"

#include <algorithm>
#include <deque>

#include "engine/base/text.h"
#include "engine/mapping/edit/compile.h"
#include "engine/mapping/edit/run.h"

namespace tombolo {

using namespace mapping;

struct Edits::Inside {
  Inside(const Library& library, const V2Dictionary& dictionary, const FhirSchema& schema) : world(library, dictionary, schema) {}

  bool fits(const EditProgram& program, const Tree& message, std::string_view name) const {
    if (program.called != name) return false;
    const auto* const item = world.types.dictionary().item_at(message[message.root()].element);
    return program.structure == nullptr || (item != nullptr && item->name == program.structure->name);
  }

  MapWorld world;
  std::deque<EditProgram> programs;
};

Edits::Edits() = default;
Edits::~Edits() = default;

std::unique_ptr<const Edits> Edits::load(const Library& library, const V2Dictionary& dictionary, const FhirSchema& schema,
                                         const std::vector<std::string>& layers, Diagnostics& diagnostics) {
  std::unique_ptr<Edits> edits(new Edits);
  edits->inside_ = std::make_unique<Inside>(library, dictionary, schema);
  auto& [world, programs] = *edits->inside_;
  world.functions = edit_functions();
  world.read(layers, diagnostics);
  Diagnostics found;
  for (const auto& edit : world.edits) {
    const auto& words = edit.structures.front();
    const auto* const structure = dictionary.structure(words.text);
    if (structure != nullptr || words.text == "*") {
      EditCompiler(world, edit, structure, programs.emplace_back(), found).compile();
      continue;
    }
    std::vector<std::string_view> names;
    for (const auto& known : dictionary.structures()) names.push_back(known.name);
    edit.from->error(diagnostics, words.at, "HL7 v2 has no message structure '" + std::string(words.text) + "'" + suggestion(words.text, names));
  }
  diagnostics.append_new(found);  // what is wrong in each of an edit's structures is said once
  return edits;
}

std::vector<std::string_view> Edits::names() const {
  std::vector<std::string_view> names;
  for (const auto& program : inside_->programs)
    if (!program.called.empty()) names.push_back(program.called);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

bool Edits::empty() const { return inside_->programs.empty(); }

bool Edits::fit(const Tree& message, std::string_view name) const {
  return std::any_of(inside_->programs.begin(), inside_->programs.end(), [&](const EditProgram& p) { return inside_->fits(p, message, name); });
}

Result<void> Edits::run(const Tree& source, std::string_view name, const RunInputs& inputs, Tree& out, EditReport& report) const {
  if (!fit(source, name)) return Fault{Kind::unsupported, "MSH-9", "there is no edit for a message of this structure"};
  out.copy(source);
  EditRunner runner(inside_->world.types, source, inputs, out, report);
  for (const auto& program : inside_->programs) {
    if (!inside_->fits(program, source, name)) continue;
    if (const auto done = runner.run(program); !done) return done;
  }
  if (inputs.watch) report.fired = runner.fired();
  return {};
}

std::string_view Edits::table(const CodeTable& table) const { return inside_->world.name(table); }

Place Edits::place(std::uint32_t number) const {
  if (number == 0 || number > inside_->world.rules.size()) return {};
  const auto& rule = inside_->world.rules[number - 1];
  return {std::string(rule.file), rule.line, rule.column};
}

std::uint32_t Edits::rules() const { return static_cast<std::uint32_t>(inside_->world.rules.size()); }

std::string Edits::rule(std::uint32_t number) const {
  const auto at = place(number);
  return at.line == 0 ? std::string() : text(at);
}

}  // namespace tombolo
