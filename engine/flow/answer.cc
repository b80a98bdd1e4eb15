#include "engine/flow/answer.h"

#include "engine/base/text.h"

namespace tombolo {
namespace {

std::string_view code_of(Kind kind) {
  switch (kind) {
    case Kind::malformed: return "100";
    case Kind::missing: return "101";
    case Kind::unsupported: return "200";
    case Kind::too_large: return "104";
    case Kind::conflict: return "205";
    case Kind::refused:
    case Kind::internal: return "207";
  }
  return "207";
}

constexpr std::string_view verdict_names[] = {"AA", "AE", "AR"};

bool wanted(std::string_view wish, Verdict verdict) {
  if (wish == "AL") return true;
  if (wish == "ER") return verdict != Verdict::accepted;
  if (wish == "SU") return verdict == Verdict::accepted;
  return false;
}

bool enhanced(const Channel& channel, const Peek* peek) {
  if (!peek || channel.acknowledge.mode == Acknowledge::Mode::original) return false;
  if (channel.acknowledge.mode == Acknowledge::Mode::enhanced) return true;
  return !peek->accept_ack.empty() || !peek->application_ack.empty();
}

// A line a complaint: "PID-3: required". What a destination said is its own: only that it refused.
std::string in_words(const Answer& answer) {
  if (answer.verdict == Verdict::accepted) return {};
  if (!answer.relayed.empty()) return "the destination refused it\n";
  std::string all;
  for (const auto& c : answer.complaints) all += (c.location.empty() ? "" : c.location + ": ") + c.text + "\n";
  return all;
}

// Fields end with a unit separator, complaints with a record separator; neither occurs in what we write.
void append_part(std::string& out, std::string_view part, char end) {
  for (const char c : part) out += c == '\x1f' || c == '\x1e' ? ' ' : c;
  out += end;
}

}  // namespace

std::string remember(const Answer& answer) {
  std::string out(verdict_names[static_cast<int>(answer.verdict)]);
  if (!answer.relayed.empty()) return out + "\x1d" + answer.relayed;
  for (const auto& c : answer.complaints) {
    out += '\x1e';
    append_part(out, c.location, '\x1f');
    append_part(out, c.code, '\x1f');
    append_part(out, c.severity, '\x1f');
    append_part(out, c.text, '\x1f');
  }
  return out;
}

Answer recall(std::string_view kept) {
  Answer answer;
  const std::string_view verdict = kept.substr(0, 2);
  if (verdict == "AE") answer.verdict = Verdict::error;
  if (verdict == "AR") answer.verdict = Verdict::rejected;
  if (kept.size() > 2 && kept[2] == '\x1d') {
    answer.relayed = kept.substr(3);
    return answer;
  }
  const auto complaints = split(kept, '\x1e');
  for (std::size_t i = 1; i < complaints.size(); ++i) {
    const auto parts = split(complaints[i], '\x1f');
    if (parts.size() < 4) continue;
    answer.complaints.push_back({std::string(parts[0]), std::string(parts[1]), std::string(parts[2]), std::string(parts[3])});
  }
  return answer;
}

Answer yes() { return {}; }

Answer no(Verdict verdict, const Fault& why) {
  Answer answer;
  answer.verdict = verdict;
  answer.complaints.push_back({why.where, std::string(code_of(why.kind)), "E", why.what});
  return answer;
}

Answer no(Verdict verdict, std::string_view code, std::string_view what) {
  Answer answer;
  answer.verdict = verdict;
  answer.complaints.push_back({"", std::string(code), "E", std::string(what)});
  return answer;
}

Reply reply_to(const Channel& channel, const Peek* peek, std::string_view message, const Answer& answer, const World& world, bool stored) {
  const Format& format = *channel.format;
  Reply reply;
  reply.taken = answer.verdict == Verdict::accepted ? Taken::yes : Taken::refused;
  reply.why = in_words(answer);
  reply.walked = stored && channel.acknowledge.after != Acknowledge::After::stored;
  reply.content_type = format.content_type(message);
  if (!enhanced(channel, peek)) {
    reply.bytes = format.answer(message, answer, world.now(), world.new_id());
    return reply;
  }
  Answer commit = stored ? yes() : answer;
  if (wanted(peek->accept_ack, commit.verdict)) {
    commit.commit = true;
    commit.relayed.clear();
    reply.bytes = format.answer(message, commit, world.now(), world.new_id());
  }
  if (wanted(peek->application_ack, answer.verdict)) {
    std::string& place = reply.bytes.empty() ? reply.bytes : reply.then;
    place = format.answer(message, answer, world.now(), world.new_id());
  }
  return reply;
}

}  // namespace tombolo
