#include "engine/fhirpath/ast.h"

#include "engine/base/letters.h"

namespace tombolo::fhirpath {
namespace {

void append_quoted(std::string& out, std::string_view text, char quote) {
  out += quote;
  for (const char c : text) {
    if (c == quote || c == '\\') out += '\\';
    if (c == '\n') out += "\\n";
    else if (c == '\r') out += "\\r";
    else if (c == '\t') out += "\\t";
    else if (c == '\f') out += "\\f";
    else out += c;
  }
  out += quote;
}

class Printer {
 public:
  explicit Printer(const Expression& expression) : expression_(expression) {}

  std::string print() {
    if (expression_.root != no_term) term(expression_.root);
    return std::move(out_);
  }

 private:
  void term(TermId id) {
    const Term& t = expression_[id];
    switch (t.form) {
      case Form::nothing: out_ += "{}"; break;
      case Form::boolean:
      case Form::integer:
      case Form::decimal: out_ += t.text; break;
      case Form::long_integer: out_ += t.text + "L"; break;
      case Form::string: append_quoted(out_, t.text, '\''); break;
      case Form::date:
      case Form::date_time: out_ += "@" + t.text; break;
      case Form::time: out_ += "@T" + t.text; break;
      case Form::quantity: quantity(t); break;
      case Form::name:
      case Form::member: before(t), name(t.text); break;
      case Form::index: term(t.first), out_ += "[", term(t.second), out_ += "]"; break;
      case Form::call: call(t); break;
      case Form::focus: out_ += "$this"; break;
      case Form::position: out_ += "$index"; break;
      case Form::total: out_ += "$total"; break;
      case Form::variable: out_ += "%", name(t.text); break;
      case Form::address: out_ += text(expression_.addresses[t.address]); break;
      case Form::unary: out_ += "(", out_ += spelling(t.op), out_ += t.op == Operator::logical_not ? " " : "", term(t.first), out_ += ")"; break;
      case Form::binary: between(t, spelling(t.op)), term(t.second), out_ += ")"; break;
      case Form::type_test: between(t, "is"), out_ += t.text + ")"; break;
      case Form::type_cast: between(t, "as"), out_ += t.text + ")"; break;
    }
  }

  void before(const Term& t) {
    if (t.first == no_term) return;
    term(t.first);
    out_ += ".";
  }

  void between(const Term& t, std::string_view op) {
    out_ += "(";
    term(t.first);
    out_.append(" ").append(op).append(" ");
  }

  void name(const std::string& text) {
    bool plain = !text.empty() && !is_digit(text[0]);
    for (const char c : text) plain = plain && (is_letter_or_digit(c) || c == '_');
    if (plain) out_ += text;
    else append_quoted(out_, text, '`');
  }

  void quantity(const Term& t) {
    out_ += t.text + " ";
    if (t.calendar) out_ += t.unit;
    else append_quoted(out_, t.unit, '\'');
  }

  void call(const Term& t) {
    before(t);
    name(t.text);
    out_ += "(";
    bool first = true;
    for (const TermId argument : expression_.arguments_of(t)) {
      if (!first) out_ += ", ";
      first = false;
      term(argument);
    }
    out_ += ")";
  }

  const Expression& expression_;
  std::string out_;
};

}  // namespace

std::string_view spelling(Operator op) {
  switch (op) {
    case Operator::none: return "";
    case Operator::plus: return "+";
    case Operator::minus: return "-";
    case Operator::logical_not: return "not";
    case Operator::multiply: return "*";
    case Operator::divide: return "/";
    case Operator::div: return "div";
    case Operator::mod: return "mod";
    case Operator::add: return "+";
    case Operator::subtract: return "-";
    case Operator::concatenate: return "&";
    case Operator::unite: return "|";
    case Operator::less: return "<";
    case Operator::less_or_equal: return "<=";
    case Operator::greater: return ">";
    case Operator::greater_or_equal: return ">=";
    case Operator::equal: return "=";
    case Operator::not_equal: return "!=";
    case Operator::equivalent: return "~";
    case Operator::not_equivalent: return "!~";
    case Operator::in: return "in";
    case Operator::contains: return "contains";
    case Operator::logical_and: return "and";
    case Operator::logical_or: return "or";
    case Operator::logical_xor: return "xor";
    case Operator::implies: return "implies";
  }
  return "";
}

std::string print(const Expression& expression) { return Printer(expression).print(); }

}  // namespace tombolo::fhirpath
