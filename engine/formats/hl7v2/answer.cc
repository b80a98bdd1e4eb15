#include "engine/formats/hl7v2/answer.h"

#include <algorithm>
#include <array>

#include "engine/base/charset.h"
#include "engine/base/text.h"
#include "engine/formats/hl7v2/address.h"
#include "engine/formats/hl7v2/decode.h"
#include "engine/formats/hl7v2/escape.h"
#include "engine/formats/hl7v2/header.h"

namespace tombolo::hl7v2 {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 14> table_0357{{{"0", "Message accepted"},
                                                                                    {"100", "Segment sequence error"},
                                                                                    {"101", "Required field missing"},
                                                                                    {"102", "Data type error"},
                                                                                    {"103", "Table value not found"},
                                                                                    {"104", "Value too long"},
                                                                                    {"200", "Unsupported message type"},
                                                                                    {"201", "Unsupported event code"},
                                                                                    {"202", "Unsupported processing id"},
                                                                                    {"203", "Unsupported version id"},
                                                                                    {"204", "Unknown key identifier"},
                                                                                    {"205", "Duplicate key identifier"},
                                                                                    {"206", "Application record locked"},
                                                                                    {"207", "Application internal error"}}};

std::string_view code(const Answer& answer) {
  switch (answer.verdict) {
    case Verdict::accepted: return answer.commit ? "CA" : "AA";
    case Verdict::error: return answer.commit ? "CE" : "AE";
    case Verdict::rejected: break;
  }
  return answer.commit ? "CR" : "AR";
}

// Is a dotted version `least` or later? What is no version counts as the newest.
bool from(std::string_view version, std::string_view least) {
  const auto one = split(version, '.'), other = split(least, '.');
  for (std::size_t i = 0; i < std::max(one.size(), other.size()); ++i) {
    const auto a = i < one.size() ? to_integer(one[i]) : 0, b = i < other.size() ? to_integer(other[i]) : 0;
    if (!a) return true;
    if (*a != *b) return *a > *b;
  }
  return true;
}

// Writes segments with the sender's delimiters. Text given to field() is raw; text() escapes.
class Writer {
 public:
  explicit Writer(const Delimiters& d) : d_(d) {}

  Writer& segment(std::string_view name) {
    end();
    out_ += name;
    return *this;
  }
  Writer& field(std::string_view raw = {}) {
    out_ += d_.field;
    out_ += raw;
    return *this;
  }
  std::string text(std::string_view text) const {
    std::string escaped;
    append_escaped(escaped, text, d_);
    return escaped;
  }
  std::string joined(char by, std::initializer_list<std::string> parts) const {
    std::string out;
    for (const std::string& part : parts) (out += part) += by;
    while (!out.empty() && out.back() == by) out.pop_back();
    return out;
  }
  const Delimiters& delimiters() const { return d_; }
  std::string done() {
    end();
    return std::move(out_);
  }

 private:
  void end() {
    while (!out_.empty() && out_.back() == d_.field && !out_.ends_with(std::string_view("\r"))) out_.pop_back();
    if (!out_.empty()) out_ += '\r';
  }
  Delimiters d_;
  std::string out_;
};

std::string number(int n) { return n == 0 ? std::string() : std::to_string(n); }

// A complaint's place as ELD: segment, sequence, field, error.
std::string eld(const Writer& w, const Complaint& complaint) {
  const Delimiters& d = w.delimiters();
  const auto at = parse_address(complaint.location);
  const std::string error = w.joined(d.subcomponent == 0 ? d.component : d.subcomponent,
                                     {complaint.code, w.text(error_text(complaint.code)), "HL70357"});
  if (!at) return w.joined(d.component, {"", "", "", error});
  return w.joined(d.component, {at->segment.name, number(std::max(at->segment.at, 1)), number(at->field), error});
}

std::string erl(const Writer& w, const Complaint& complaint) {
  const auto at = parse_address(complaint.location);
  if (!at) return {};
  const int repetition = at->field == 0 ? 0 : std::max(at->repetition, 1);
  return w.joined(w.delimiters().component, {at->segment.name, number(std::max(at->segment.at, 1)), number(at->field), number(repetition),
                                             number(at->component), number(at->subcomponent)});
}

void write_errors(Writer& w, const Answer& answer, bool old) {
  if (answer.complaints.empty()) return;
  if (!old) {
    for (const Complaint& c : answer.complaints) {
      const std::string coded = w.joined(w.delimiters().component, {c.code, w.text(error_text(c.code)), "HL70357"});
      w.segment("ERR").field().field(erl(w, c)).field(coded).field(c.severity).field().field().field().field(w.text(c.text));
    }
    return;
  }
  std::string all;
  for (const Complaint& c : answer.complaints) {
    if (!all.empty() && w.delimiters().repetition == 0) break;
    if (!all.empty()) all += w.delimiters().repetition;
    all += eld(w, c);
  }
  w.segment("ERR").field(all);
}

// What the answer takes from the message; raw text in the sender's delimiters.
struct Origin {
  Delimiters delimiters;
  std::string_view encoding = "^~\\&";
  std::array<std::string_view, 26> field{};
  std::string_view event, version = "2.5.1", processing = "P";
};

Origin origin(std::string_view message) {
  Origin o;
  for (std::size_t at = message.find("MSH"); at != message.npos; at = message.find("MSH", at + 1)) {
    const auto header = Header::read(message.substr(at));
    if (!header) continue;
    for (int n = 3; n <= 25; ++n) o.field[static_cast<std::size_t>(n)] = header->field(n);
    if (header->delimiters().component != 0) {
      o.delimiters = header->delimiters();
      o.encoding = header->field(2);
    }
    o.delimiters.field = header->delimiters().field;
    o.event = header->component(9, 2);
    if (!header->field(12).empty()) o.version = header->field(12);
    if (!header->field(11).empty()) o.processing = header->field(11);
    return o;
  }
  return o;
}

std::string write(const Origin& o, const Answer& answer, Time now, std::string_view id) {
  const std::string_view version = component(o.version, o.delimiters, 1, 1);
  Writer w(o.delimiters);
  const std::string type = from(version, "2.3.1") && !o.event.empty() ? w.joined(o.delimiters.component, {"ACK", std::string(o.event), "ACK"})
                           : from(version, "2.3.1")                   ? w.joined(o.delimiters.component, {"ACK", "", "ACK"})
                                                                      : "ACK";
  w.segment("MSH").field(o.encoding).field(o.field[5]).field(o.field[6]).field(o.field[3]).field(o.field[4]);
  w.field(hl7_time(now)).field().field(type).field(id).field(o.processing).field(o.version);
  w.field().field().field().field().field().field(o.field[18]).field().field().field(o.field[21]);
  const bool old = !from(version, "2.5");
  w.segment("MSA").field(code(answer)).field(o.field[10]);
  if (old && !answer.complaints.empty()) w.field(w.text(answer.complaints.front().text));
  write_errors(w, answer, old);
  return w.done();
}

// The reply of another system with MSA-2 changed; empty if it has no MSA.
std::string relay(std::string_view reply, std::string_view control_id) {
  const auto header = Header::read(reply.substr(preamble(reply)));
  if (!header) return {};
  const std::size_t msa = reply.find(std::string(1, header->line()) + "MSA");
  if (msa == reply.npos) return {};
  const std::size_t end = std::min(reply.find_first_of("\r\n", msa + 1), reply.size());
  const char f = header->delimiters().field;
  std::string out(reply.substr(0, msa + 1));
  const std::string_view segment = reply.substr(msa + 1, end - msa - 1);
  ((out += "MSA") += f) += field(segment, f, 1);
  (out += f) += control_id;
  std::size_t rest = segment.find(f);  // before MSA-1, then MSA-2, then what follows them
  for (int n = 2; n <= 3 && rest != segment.npos; ++n) rest = segment.find(f, rest + 1);
  if (rest != segment.npos) out += segment.substr(rest);
  return out.append(reply.substr(end));
}

}  // namespace

std::string_view error_text(std::string_view code) {
  for (const auto& [known, text] : table_0357) {
    if (known == code) return text;
  }
  return {};
}

std::string answer(std::string_view message, const Answer& answer, Time now, std::string_view id) {
  if (!answer.relayed.empty()) {
    if (std::string reply = relay(answer.relayed, origin(message).field[10]); !reply.empty()) return reply;
  }
  const std::string charset(charset_by_mark(message));
  if (!wide(charset)) return write(origin(message), answer, now, id);
  const auto decoded = to_utf8(message, charset);  // UTF-16, UTF-32: the answer goes back in the same
  if (!decoded || decoded->text.find("MSH") == std::string::npos) return write({}, answer, now, id);
  const std::string text = write(origin(decoded->text), answer, now, id);
  const auto encoded = from_utf8(text, charset);
  return encoded ? *encoded : text;
}

}  // namespace tombolo::hl7v2
