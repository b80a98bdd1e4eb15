#include "engine/filters/deidentify/path.h"

#include <algorithm>

#include "engine/base/text.h"
#include "engine/fhirpath/parse.h"

namespace tombolo::deidentify {
namespace {

using fhirpath::Form;
using fhirpath::Term;
using fhirpath::TermId;

class PathReader {
 public:
  PathReader(std::string_view text, const Place& place, const FhirSchema& schema, Diagnostics& diagnostics)
      : text_(text), place_(place), schema_(schema), diagnostics_(diagnostics) {}

  std::optional<Path> read() {
    const auto parsed = fhirpath::parse(text_, fhirpath::Dialect::standard);
    if (!parsed) return error(parsed.problem->offset, parsed.problem->text), std::nullopt;
    expression_ = &parsed.expression;
    for (const TermId id : chain()) {
      if (failed_) break;
      add(parsed.expression[id]);
    }
    if (failed_) return std::nullopt;
    path_.ends = std::move(at_);
    return std::move(path_);
  }

 private:
  // The terms of `a.b.c()` from the left.
  std::vector<TermId> chain() {
    std::vector<TermId> terms;
    for (TermId id = expression_->root; id != fhirpath::no_term; id = (*expression_)[id].first) {
      const Term& term = (*expression_)[id];
      if (term.form != Form::name && term.form != Form::member && term.form != Form::call) {
        error(term.offset, "a path is made of elements, nodesByType(), nodesByName(), extension(), ofType() and where()");
        return {};
      }
      terms.push_back(id);
    }
    std::reverse(terms.begin(), terms.end());
    return terms;
  }

  void add(const Term& term) {
    if (term.form == Form::call) return add_call(term);
    if (path_.steps.empty()) return add_resource(term);
    add_element(term.text, term);
  }

  void add_resource(const Term& term) {
    const ElementId type = schema_.type(term.text);
    if (type != untyped && schema_[type].kind != TypeKind::resource) {
      return error(term.offset, term.text + " is a data type: say nodesByType('" + term.text + "')");
    }
    if (type == untyped) return error(term.offset, "R4 has no resource '" + term.text + "'" + suggestion(term.text, resources()));
    Step step;
    step.test = Step::Test::resource;
    step.type = type;
    path_.steps.push_back(std::move(step));
    at_ = {type};
  }

  void add_element(const std::string& name, const Term& term) {
    std::vector<ElementId> below;
    std::vector<std::string_view> names;
    for (const ElementId above : at_) {
      for (const Element& member : schema_.members(above)) {
        if (member.name == name || member.json_name == name) below.push_back(schema_.id(member));
        else names.push_back(member.name);
      }
    }
    if (below.empty()) return error(term.offset, std::string(described(at_)) + " has no element '" + name + "'" + suggestion(name, names));
    if (path_.steps.size() > 0 && !holders(at_)) return;
    Step step;
    step.name = name;
    path_.steps.push_back(std::move(step));
    at_ = std::move(below);
  }

  // Nothing goes on below an element that holds a whole resource.
  bool holders(const std::vector<ElementId>& at) {
    for (const ElementId id : at) {
      if (schema_[id].owner != untyped && schema_.is_resource(id)) {
        error(0, "a path stays in one resource: begin with the type of the inner one");
        return false;
      }
    }
    return true;
  }

  void add_call(const Term& call) {
    if (call.text == "where") return add_where(call);
    if (call.text == "ofType") return add_of_type(call);
    const bool by_type = call.text == "nodesByType", by_name = call.text == "nodesByName", extension = call.text == "extension";
    if (!by_type && !by_name && !extension) {
      return error(call.offset, "a path has no '" + call.text + "()'" + suggestion(call.text, {"nodesByType", "nodesByName", "extension", "ofType", "where"}));
    }
    const auto arguments = expression_->arguments_of(call);
    if (arguments.size() != 1 || (*expression_)[arguments[0]].form != Form::string) {
      return error(call.offset, call.text + "() takes one text in quotes");
    }
    const Term& argument = (*expression_)[arguments[0]];
    if (by_type) add_by_type(argument);
    else if (by_name) add_by_name(argument);
    else add_extension(call, argument);
  }

  void add_by_type(const Term& argument) {
    const ElementId type = schema_.type(argument.text);
    if (type == untyped) return error(argument.offset, "R4 has no type '" + argument.text + "'" + suggestion(argument.text, schema_.type_names()));
    Step step;
    step.test = Step::Test::type;
    step.anywhere = true;
    step.type = type;
    path_.steps.push_back(std::move(step));
    at_ = {type};
  }

  void add_by_name(const Term& argument) {
    std::vector<ElementId> found;
    std::vector<std::string_view> names;
    for (ElementId id = 1; id < schema_.size(); ++id) {
      if (schema_[id].owner == untyped) continue;
      if (schema_[id].name == argument.text || schema_[id].json_name == argument.text) found.push_back(id);
      else names.push_back(schema_[id].name);
    }
    if (found.empty()) return error(argument.offset, "R4 has no element '" + argument.text + "'" + suggestion(argument.text, names));
    Step step;
    step.anywhere = true;
    step.name = argument.text;
    path_.steps.push_back(std::move(step));
    at_ = std::move(found);
  }

  void add_extension(const Term& call, const Term& argument) {
    if (path_.steps.empty()) return error(call.offset, "extension() stands behind an element; for all of them say nodesByType('Extension').where(url = '…')");
    add_element("extension", call);
    if (failed_) return;
    Guard guard;
    guard.url = argument.text;
    guard.text = "extension('" + argument.text + "')";
    guard.place = behind(call.offset);
    path_.steps.back().guards.push_back(std::move(guard));
  }

  void add_of_type(const Term& call) {
    const auto arguments = expression_->arguments_of(call);
    const ElementId type = arguments.size() == 1 ? schema_.type((*expression_)[arguments[0]].text) : untyped;
    std::vector<ElementId> kept;
    for (const ElementId id : at_) {
      if (type != untyped && schema_[id].type == type) kept.push_back(id);
    }
    if (path_.steps.empty() || kept.empty()) return error(call.offset, "ofType() names one of the types that the element before it may have");
    path_.steps.back().only = type;
    at_ = std::move(kept);
  }

  void add_where(const Term& call) {
    const auto arguments = expression_->arguments_of(call);
    if (path_.steps.empty() || arguments.size() != 1) return error(call.offset, "where() stands behind an element and takes one condition");
    Guard guard;
    guard.expression = *expression_;
    guard.expression.root = arguments[0];
    guard.text = written(call);
    guard.place = behind(0);
    path_.steps.back().guards.push_back(std::move(guard));
  }

  // The call as it stands in the text: it was parsed, so its brackets are closed.
  std::string written(const Term& call) const {
    const std::size_t begin = text_.find("where", call.offset);
    int open = 0;
    bool quoted = false;
    for (std::size_t at = begin; at < text_.size(); ++at) {
      if (text_[at] == '\\' && quoted) ++at;
      else if (text_[at] == '\'') quoted = !quoted;
      else if (!quoted && text_[at] == '(') ++open;
      else if (!quoted && text_[at] == ')' && --open == 0) return std::string(text_.substr(begin, at + 1 - begin));
    }
    return std::string(text_.substr(begin));
  }

  std::string_view described(const std::vector<ElementId>& at) const { return at.empty() ? "nothing" : schema_[schema_[at.front()].type].name; }

  std::vector<std::string_view> resources() const {
    std::vector<std::string_view> names;
    for (const auto name : schema_.type_names()) {
      if (schema_[schema_.type(name)].kind == TypeKind::resource) names.push_back(name);
    }
    return names;
  }

  Place behind(std::size_t offset) const { return {place_.file, place_.line, place_.column + static_cast<int>(offset)}; }
  void error(std::size_t offset, std::string what) {
    failed_ = true;
    diagnostics_.error(behind(offset), std::move(what));
  }

  const std::string_view text_;
  const Place& place_;
  const FhirSchema& schema_;
  Diagnostics& diagnostics_;
  const fhirpath::Expression* expression_ = nullptr;
  Path path_;
  std::vector<ElementId> at_;   // what the steps so far lead to
  bool failed_ = false;
};

}  // namespace

std::optional<Path> read_path(std::string_view text, const Place& place, const FhirSchema& schema, Diagnostics& diagnostics) {
  return PathReader(text, place, schema, diagnostics).read();
}

}  // namespace tombolo::deidentify
