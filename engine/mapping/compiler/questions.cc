// What needs no evaluator: plain addresses, what stands in a slot, and conditions made of these.
#include <array>
#include <utility>

#include "engine/mapping/compiler/expressions.h"

namespace tombolo::mapping {

using fhirpath::Expression;
using fhirpath::Form;
using fhirpath::Operator;
using fhirpath::TermId;

namespace {

// 'a', or 'a' | 'b' | 'c'; false: something else is among them.
bool texts_of(const Expression& parsed, TermId id, std::vector<std::string>& texts) {
  const auto& term = parsed[id];
  if (term.form == Form::string) return texts.push_back(term.text), true;
  const bool list = term.form == Form::binary && term.op == Operator::unite;
  return list && texts_of(parsed, term.first, texts) && texts_of(parsed, term.second, texts);
}

}  // namespace

// PID-3, PID-3[1].4.2, CX.4 of the focus, $this.
std::optional<Way> Expressions::plain(const Expression& parsed, TermId id) const {
  const auto& term = parsed[id];
  if (term.form == Form::focus) return Way{scope_.slot({ReadSlot::Kind::focus, 0, 0, 0, 0}), 0, 0};
  if (term.form != Form::address) return std::nullopt;
  const auto& address = parsed.addresses[term.address];
  if (address.occurrence != 0) return std::nullopt;
  Way way{none, static_cast<std::uint16_t>(address.component), static_cast<std::uint16_t>(address.subcomponent)};
  if (address.field == 0) {
    const auto& types = world_.types;
    const auto* const type = types.dictionary().type(address.names.front());
    const bool of_focus = address.component != 0 && type != nullptr && scope_.focus_shape.types.size() == 1 &&
                          types.v2_type(scope_.focus_shape.types.front()) == type;
    if (!of_focus) return std::nullopt;
    way.slot = scope_.slot({ReadSlot::Kind::focus, 0, 0, 0, 0});
    return way;
  }
  const auto found = scope_.find(address);
  if (!found) return std::nullopt;
  way.slot = found->slot;
  if (found->covers == fhirpath::AddressSlot::Covers::component) way.component = std::exchange(way.subcomponent, std::uint16_t{0});
  return way;
}

// OBX, PATIENT.PRT, %patient, %name of a `let`.
std::optional<Way> Expressions::stored(const Expression& parsed, TermId id) const {
  const auto& term = parsed[id];
  if (term.form == Form::variable) {
    const auto slot = scope_.variable(term.text);
    return slot ? std::optional(Way{slot->number, 0, 0}) : std::nullopt;
  }
  if (term.form != Form::address) return std::nullopt;
  const auto& address = parsed.addresses[term.address];
  if (address.occurrence != 0 || address.field != 0 || address.component != 0) return std::nullopt;
  const auto found = scope_.address(address);
  return found ? std::optional(Way{found->slot.number, 0, 0}) : std::nullopt;
}

std::optional<Question> Expressions::about(Question::Kind kind, const Expression& parsed, TermId id) const {
  const auto address = id == fhirpath::no_term ? std::nullopt : plain(parsed, id);
  return address ? std::optional(Question{kind, *address, {}, {}}) : std::nullopt;
}

std::optional<Question> Expressions::question(const Expression& parsed, TermId id) const {
  const auto& term = parsed[id];
  if (term.form == Form::variable) {
    const auto slot = stored(parsed, id);
    return slot ? std::optional(Question{Question::Kind::valued, *slot, {}, {}}) : std::nullopt;
  }
  if (term.form == Form::call && term.text == "children" && term.argument_count == 0) return about(Question::Kind::parted, parsed, term.first);
  if (term.form == Form::unary && term.op == Operator::logical_not) {
    auto part = question(parsed, term.first);
    return part ? std::optional(Question{Question::Kind::negated, {}, {}, {std::move(*part)}}) : std::nullopt;
  }
  if (term.form != Form::binary) return about(Question::Kind::valued, parsed, id);
  if (term.op == Operator::logical_and || term.op == Operator::logical_or) {
    auto left = question(parsed, term.first), right = question(parsed, term.second);
    if (!left || !right) return std::nullopt;
    const auto kind = term.op == Operator::logical_and ? Question::Kind::both : Question::Kind::either;
    return Question{kind, {}, {}, {std::move(*left), std::move(*right)}};
  }
  if (term.op != Operator::equal && term.op != Operator::in) return std::nullopt;
  auto asked = about(Question::Kind::equals, parsed, term.first);
  if (!asked || !texts_of(parsed, term.second, asked->texts)) return std::nullopt;
  return asked;
}

}  // namespace tombolo::mapping
