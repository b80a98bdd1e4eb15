#include "engine/connectors/sql/parameters.h"

#include <algorithm>

#include "engine/base/text.h"
#include "engine/formats/hl7v2/decode.h"
#include "engine/formats/hl7v2/escape.h"

namespace tombolo::sql {
namespace {

const std::vector<std::string_view> names{"id", "message", "control_id", "type", "channel", "now"};

Value some(const std::string& text) { return text.empty() ? Value() : Value(text); }

Value of_envelope(std::string_view name, const Subject& s) {
  if (name == "id") return s.id;
  if (name == "message") return s.bytes;
  if (name == "control_id") return some(s.control_id);
  if (name == "type") return some(s.type);
  if (name == "channel") return s.channel;
  return iso8601(s.now);
}

// An HL7 v2 message, decoded and cut.
class Fields {
 public:
  explicit Fields(std::string_view bytes) {
    std::vector<Complaint> ignored;
    decoded_ = hl7v2::decode(bytes, {}, arena_, ignored);
    indexed_ = message_.index(decoded_.text);
  }
  const Result<void>& indexed() const { return indexed_; }

  Value at(const hl7v2::Address& a) {
    int seen = 0;
    for (const auto& segment : message_.segments()) {
      if (message_.name(segment) != a.segment.name || ++seen < a.segment.at) continue;
      const auto part = [](int n) { return static_cast<std::uint32_t>(std::max(n, 1)); };
      const auto raw = message_.raw(segment, part(a.field), part(a.repetition), part(a.component), part(a.subcomponent));
      if (!raw.empty() && raw != "\"\"") return std::string(hl7v2::unescape(raw, message_.delimiters(), arena_, decoded_.charset));
      if (a.segment.at > 0) break;
    }
    return std::nullopt;
  }

 private:
  Arena arena_;
  hl7v2::Decoded decoded_;
  hl7v2::Message message_;
  Result<void> indexed_;
};

}  // namespace

Subject::Subject(const Envelope& e)
    : id(e.id), bytes(e.bytes), content_type(e.content_type), control_id(e.control_id), channel(e.channel), type(e.type), now(e.now) {}

Result<void> Parameters::add(std::string_view text) {
  if (text.starts_with('{') && text.ends_with('}')) {
    const auto name = text.substr(1, text.size() - 2);
    if (std::find(names.begin(), names.end(), name) == names.end())
      return Fault{Kind::malformed, "", "there is no {" + std::string(name) + "}" + suggestion(name, names) + "; there are {id} {message} {control_id} {type} {channel} {now}"};
    list_.push_back({std::string(name), std::nullopt});
    return {};
  }
  auto address = hl7v2::parse_address(text);
  if (!address) return address.error();
  if (address->field == 0 || !address->groups.empty())
    return Fault{Kind::malformed, "", "expected a segment and a field, such as PID-3[1].1, or {id}; found '" + std::string(text) + "'"};
  list_.push_back({"", std::move(*address)});
  addresses_ = true;
  return {};
}

Result<Values> Parameters::of(const Subject& subject) const {
  std::optional<Fields> fields;
  if (addresses_) {
    if (subject.content_type.find("hl7-v2") == std::string::npos)
      return Fault{Kind::unsupported, "", "a parameter is the address of a field, and the message is " + subject.content_type};
    fields.emplace(subject.bytes);
    if (!fields->indexed()) return fields->indexed().error();
  }
  Values values;
  for (const auto& p : list_) values.push_back(p.address ? fields->at(*p.address) : of_envelope(p.name, subject));
  return values;
}

}  // namespace tombolo::sql
