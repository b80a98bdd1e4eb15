// Calls: which function, how many arguments and of which kind, and the function's own check.
#include <algorithm>

#include "engine/base/text.h"
#include "engine/fhirpath/binding.h"

namespace tombolo::fhirpath {

// A call while it is bound, as its check sees it.
class CheckingCall final : public Checking {
 public:
  CheckingCall(Binding& binding, const Term& term, const Shape& input, std::span<const Argument> arguments, std::span<const Shape> shapes)
      : binding_(binding), term_(term), input_(input), arguments_(arguments), shapes_(shapes) {}

  const Types& types() const override { return binding_.types_; }
  Dialect dialect() const override { return binding_.expression_.dialect; }
  bool strict() const override { return binding_.strict_; }
  const Shape& input() const override { return input_; }
  std::size_t count() const override { return arguments_.size(); }
  const Shape& shape(std::size_t i) const override { return shapes_[i]; }
  std::optional<std::string_view> constant(std::size_t i) const override {
    if (arguments_[i].op == no_op) return std::nullopt;
    const Op& op = binding_.code_->ops[arguments_[i].op];
    const auto* const text = std::get_if<std::string_view>(&op.constant.held);
    return op.what == Do::constant && text != nullptr ? std::optional(*text) : std::nullopt;
  }
  std::string_view name(std::size_t i) const override { return arguments_[i].name; }
  Shape type(std::size_t i) const override { return Binding::shape_of(arguments_[i].specifier); }
  void error(std::size_t i, std::string text) override { binding_.error(offset(i), message(std::move(text))); }
  void warning(std::size_t i, std::string text) override { binding_.add_problem(Severity::warning, offset(i), message(std::move(text))); }
  void keep(std::shared_ptr<const void> made) override { kept_ = std::move(made); }
  std::shared_ptr<const void> kept() { return std::move(kept_); }

 private:
  std::string message(std::string text) const { return term_.text + "(): " + std::move(text); }
  std::size_t offset(std::size_t i) const {
    const auto list = binding_.expression_.arguments_of(term_);
    return i < list.size() ? binding_.expression_[list[i]].offset : term_.offset;
  }

  Binding& binding_;
  const Term& term_;
  const Shape& input_;
  std::span<const Argument> arguments_;
  std::span<const Shape> shapes_;
  std::shared_ptr<const void> kept_;
};

const Function* Binding::function(std::string_view wanted) const {
  for (const Function& other : scope_.functions()) {
    if (other.name == wanted) return &other;
  }
  return own_function(wanted);
}

bool Binding::right_count(const Term& term, const Function& found) {
  const int count = static_cast<int>(term.argument_count);
  if (count >= found.least && count <= found.most) return true;
  std::string wanted = std::to_string(found.least);
  if (found.most == Function::any) wanted = "at least " + wanted;
  else if (found.most != found.least) wanted += " to " + std::to_string(found.most);
  error(term.offset, term.text + "() takes " + wanted + (wanted == "1" ? " argument" : " arguments") + ", found " + std::to_string(count));
  return false;
}

// defineVariable('name', expression): seen by what follows behind the dot, and in arguments there.
Typed Binding::define(const Term& term, const Shape& focus) {
  const Typed input = term.first == no_term ? from_focus(focus) : bind(term.first, focus);
  const auto arguments = expression_.arguments_of(term);
  const Term* const name = arguments.empty() ? nullptr : &expression_[arguments[0]];
  if (name == nullptr || name->form != Form::string || arguments.size() > 2) {
    error(term.offset, "defineVariable() takes a name between quotes and, if it is not what stands before the dot, an expression");
    return input;
  }
  const auto same = [&](const Local& known) { return known.name == name->text; };
  if (std::any_of(locals_.begin(), locals_.end(), same) || scope_.variable(name->text) || is_constant_variable(name->text)) {
    error(name->offset, "the variable " + quoted("%" + name->text) + " is there already");
  }
  const std::size_t before = locals_.size();
  const Typed value = arguments.size() == 2 ? bind(arguments[1], input.shape) : Typed{no_op, input.shape};
  locals_.resize(before);
  Op op;
  op.what = Do::define;
  op.first = input.op;
  op.second = value.op;
  op.slot = code_->locals++;
  locals_.push_back({name->text, {op.slot, value.shape}});
  return {add(std::move(op)), input.shape};
}

Typed Binding::call(const Term& term, const Shape& focus) {
  if (term.text == "defineVariable" && !map_) return define(term, focus);
  const Typed input = term.first == no_term ? Typed{no_op, focus} : bind(term.first, focus);
  const Function* const found = function(term.text);
  if (found == nullptr) {
    std::vector<std::string_view> known = own_function_names();
    for (const Function& other : scope_.functions()) known.push_back(other.name);
    error(term.offset, "unknown function " + quoted(term.text) + suggestion(term.text, known));
    return {add(Op{}), {}};
  }
  if (!right_count(term, *found)) return {add(Op{}), {}};
  if (found->sees_deleted && input.op != no_op) code_->ops[input.op].keep_deleted = true;
  std::vector<Argument> arguments;
  std::vector<Shape> shapes;
  for (const TermId id : expression_.arguments_of(term)) {
    const char kind = found->kinds.empty() ? 'v' : found->kinds[std::min(arguments.size(), found->kinds.size() - 1)];
    const bool tests_type = kind == 't' && term.first != no_term;  // else nothing stands before it: find(Observation, …)
    arguments.push_back(argument(kind, id, focus, kind == 't' && !tests_type ? Shape{} : input.shape, shapes.emplace_back()));
  }
  CheckingCall checking(*this, term, input.shape, arguments, shapes);
  Shape shape = found->check != nullptr ? found->check(checking) : Shape{};
  Op op;
  op.what = Do::call;
  op.offset = term.offset;
  op.first = input.op;
  op.begin = static_cast<std::uint32_t>(code_->arguments.size());
  op.count = static_cast<std::uint32_t>(arguments.size());
  op.function = &code_->functions.emplace_back(*found);
  op.kept = checking.kept();
  code_->arguments.insert(code_->arguments.end(), arguments.begin(), arguments.end());
  return {add(std::move(op)), std::move(shape)};
}

Argument Binding::argument(char kind, TermId id, const Shape& focus, const Shape& input, Shape& shape) {
  Argument out;
  out.kind = kind;
  if (kind == 't' || kind == 'n') {
    const Term& term = expression_[id];
    const auto written = type_text(term);
    if (!written) error(term.offset, kind == 't' ? "expected the name of a type" : "expected a name");
    else out.name = keep(*written);
    if (written && kind == 't') out.specifier = specifier(*written, term.offset, input);
    return out;
  }
  const bool on_items = kind == 'e' || kind == 'c';
  Shape inner = on_items ? input : focus;
  if (on_items) inner.many = false, inner.may_be_absent = false, ++inside_;
  const std::size_t locals = locals_.size();
  const Typed bound = bind(id, inner);
  locals_.resize(locals);
  if (on_items) --inside_;
  out.op = bound.op;
  shape = bound.shape;
  check_argument(kind, shape, expression_[id].offset);
  return out;
}

// What can never be the text or the number that is due. Maps say such things of HL7's texts, which become what is wanted.
void Binding::check_argument(char kind, const Shape& shape, std::size_t offset) {
  if (map_ || (kind != 's' && kind != 'i') || shape.unknown() || scope_.checks() == Checks::lenient) return;
  const auto fits = [&](TypeId type) {
    const System system = is_system(type) ? static_cast<System>(type) : types_.system(type);
    if (kind == 'i') return system == System::integer || system == System::long_integer;
    return is_system(type) ? system == System::string : system != System::none && system != System::quantity;
  };
  if (!std::any_of(shape.types.begin(), shape.types.end(), fits)) error(offset, kind == 's' ? "expected text as this argument" : "expected an integer as this argument");
  else if (strict_ && shape.many) error(offset, "this argument is one value, and this may repeat: say first()");
}

// Patient, FHIR.Patient, CD and HL7.CX (which look like addresses).
std::optional<std::string> Binding::type_text(const Term& term) const {
  if (term.form == Form::name || term.form == Form::string) return term.text;
  if (term.form == Form::member) {
    const auto before = type_text(expression_[term.first]);
    return before ? std::optional(*before + "." + term.text) : std::nullopt;
  }
  if (term.form != Form::address) return std::nullopt;
  const Address& a = expression_.addresses[term.address];
  if (a.field != 0 || a.component != 0 || a.occurrence != 0) return std::nullopt;
  return text(a);
}

}  // namespace tombolo::fhirpath
