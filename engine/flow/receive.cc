#include "engine/flow/receive.h"

#include <boost/asio/co_spawn.hpp>

#include <algorithm>

#include "engine/base/events.h"
#include "engine/base/text.h"
#include "engine/connectors/await.h"
#include "engine/flow/answer.h"

namespace tombolo {
namespace {

constexpr std::size_t most_at_once = 64;   // messages of one batch

// "none" is a decided answer too: the sender hears nothing, now and when it repeats.
constexpr std::string_view no_answer = "none";

// Training (T) and debugging (D) messages are answered and recorded, but go nowhere unless the channel says so.
bool goes_nowhere(const Channel& channel, const Peek& peek) {
  return (peek.processing == "T" && !channel.acknowledge.process_training) ||
         (peek.processing == "D" && !channel.acknowledge.process_debugging);
}

Answer known_key() {
  Answer answer = no(Verdict::rejected, "205", "another message with this control id was accepted before");
  answer.complaints.front().location = "MSH-10";
  return answer;
}

bool is_as_told(std::string_view told, const Peek& peek) {
  if (told.empty()) return true;
  for (const std::string_view one : split(told, ' ')) {
    if (one == peek.type || one == peek.type + "/" + peek.control_id || peek.type.starts_with(std::string(one) + "/")) return true;
  }
  return false;
}

Answer other_than_told(std::string_view told, const Peek& peek) {
  const bool by_id = told.starts_with(peek.type + "/");
  return no(Verdict::error, "103", by_id ? "the resource's id is not the one that was asked to be written" : "expected " + std::string(told) + ", found " + peek.type);
}

Answer not_its_sender() {
  Answer answer = no(Verdict::rejected, "207", "the certificate of this connection is not for this sender");
  answer.complaints.front().location = "MSH-3";
  return answer;
}

// What becomes of another message under the key of an accepted one; nothing: it is processed like any.
std::optional<store::Otherwise> if_other_content(const Channel& channel) {
  using Other = Acknowledge::OtherContent;
  switch (channel.acknowledge.other_content) {
    case Other::hold: return store::Otherwise{store::Status::held, remember(yes()), "other content under a known key"};
    case Other::reject: return store::Otherwise{store::Status::refused, remember(known_key()), "other content under a known key"};
    case Other::process: break;
  }
  return std::nullopt;
}

store::Arrival arrival_of(const Plan& plan, const Peek& peek, Parcel parcel) {
  const Channel& channel = plan.channel;
  store::Arrival arrival;
  arrival.control_id = peek.control_id;
  arrival.type = peek.type;
  arrival.sender = peek.sender;
  if (channel.acknowledge.look_for_duplicates) arrival.duplicate_key = peek.duplicate_key.empty() ? parcel.repeat : peek.duplicate_key;
  arrival.duplicate_since = parcel.received_at - channel.acknowledge.window;
  arrival.order_keys = channel.ordered ? peek.order_keys : std::vector<std::string>{"*"};
  arrival.config = plan.config;
  if (channel.acknowledge.after == Acknowledge::After::stored) arrival.answer = remember(yes());
  arrival.if_other_content = if_other_content(channel);
  if (goes_nowhere(channel, peek)) {
    arrival.if_other_content.reset();
    arrival.status = store::Status::filtered;
    arrival.detail = "MSH-11 is " + peek.processing;
    arrival.answer = remember(yes());
  }
  arrival.parcel = std::move(parcel);
  return arrival;
}

// What became of a batch as a whole: the worst of what became of its messages.
Reply joined(const std::vector<Reply>& replies) {
  constexpr std::size_t most_reasons = 20;
  Reply all;
  std::size_t refused = 0;
  for (std::size_t i = 0; i < replies.size(); ++i) {
    const Reply& reply = replies[i];
    all.kept = all.kept && reply.kept;
    all.taken = std::max(all.taken, reply.taken);
    all.walked = reply.walked;
    all.content_type = reply.content_type;
    if (!reply.why.empty() && ++refused <= most_reasons) all.why += "message " + std::to_string(i + 1) + " of " + std::to_string(replies.size()) + ": " + reply.why;
  }
  if (refused > most_reasons) all.why += "and " + std::to_string(refused - most_reasons) + " more\n";
  return all;
}

}  // namespace

boost::asio::awaitable<Reply> Receiver::receive(std::shared_ptr<const Plan> plan, Parcel parcel) {
  if (parcel.too_large) {
    const Fault why{Kind::too_large, "", "the message is larger than max_message"};
    auto refusing = refuse(plan, std::move(parcel), std::nullopt, no(Verdict::rejected, why));
    co_return co_await std::move(refusing);
  }
  const Format& format = *plan->channel.format;
  const auto messages = format.split(parcel.bytes);
  if (!messages) {
    auto refusing = refuse(plan, std::move(parcel), std::nullopt, no(plan->channel.acknowledge.invalid, messages.error()));
    co_return co_await std::move(refusing);
  }
  if (messages->size() == 1 && messages->front().size() == parcel.bytes.size()) {
    auto going = one(std::move(plan), std::move(parcel));
    co_return co_await std::move(going);
  }
  Parcel head = parcel;
  head.bytes = {};
  auto together = batch(std::move(plan), std::move(head), *messages);
  const std::vector<Reply> replies = co_await std::move(together);
  Reply all = joined(replies);
  std::vector<std::string> answers;
  for (const Reply& reply : replies) {
    if (!reply.bytes.empty()) answers.push_back(reply.bytes);
    if (!reply.then.empty()) answers.push_back(reply.then);
  }
  if (!answers.empty() || replies.empty()) all.bytes = format.answer_batch(parcel.bytes, answers, house_.world.now(), house_.world.new_id());
  co_return all;
}

// The messages of one batch, in their order, some at once: they share the store's commits. head: what the whole has but its bytes.
boost::asio::awaitable<std::vector<Reply>> Receiver::batch(std::shared_ptr<const Plan> plan, Parcel head, std::vector<std::string_view> messages) {
  std::vector<Reply> replies(messages.size());
  std::exception_ptr failed;
  Bell changed(house_.executor);
  std::size_t under_way = 0;
  for (std::size_t i = 0; i < messages.size() && !failed; ++i) {
    Parcel part = head;
    part.bytes = std::string(messages[i]);
    if (!part.repeat.empty()) part.repeat += " #" + std::to_string(i + 1);
    ++under_way;
    auto done = [&, i](std::exception_ptr failure, Reply reply) {
      if (failure) failed = failure;
      replies[i] = std::move(reply);
      --under_way;
      changed.ring();
    };
    boost::asio::co_spawn(house_.executor, one(plan, std::move(part)), done);
    while (under_way >= most_at_once) co_await changed.wait();
  }
  while (under_way > 0) co_await changed.wait();
  if (failed) std::rethrow_exception(failed);
  co_return replies;
}

boost::asio::awaitable<Reply> Receiver::one(std::shared_ptr<const Plan> plan, Parcel parcel) {
  const Channel& channel = plan->channel;
  auto looked = channel.format->peek(parcel.bytes, channel.paths, channel.reading);
  if (!looked) {
    auto refusing = refuse(plan, std::move(parcel), std::nullopt, no(channel.acknowledge.invalid, looked.error()));
    co_return co_await std::move(refusing);
  }
  Peek& peek = *looked;
  if (!peek.errors.empty()) {
    Answer answer;
    answer.verdict = channel.acknowledge.invalid;
    answer.complaints = peek.errors;
    auto refusing = refuse(plan, std::move(parcel), peek, std::move(answer));
    co_return co_await std::move(refusing);
  }
  if (!is_as_told(parcel.as, peek)) {
    auto refusing = refuse(plan, std::move(parcel), peek, other_than_told(parcel.as, peek));
    co_return co_await std::move(refusing);
  }
  if (parcel.senders && !may_send(*parcel.senders, peek.sender)) {
    (*house_.log)(event::parcel_not_its_sender, {{"channel", channel.name}, {"peer", parcel.peer}});
    auto refusing = refuse(plan, std::move(parcel), peek, not_its_sender());
    co_return co_await std::move(refusing);
  }
  std::string message = parcel.bytes;
  store::Arrival arrival = arrival_of(*plan, peek, std::move(parcel));
  const bool dropped = arrival.status == store::Status::filtered;
  const Parcel facts{0, arrival.parcel.channel, arrival.parcel.peer, arrival.parcel.received_at, {}};
  const std::vector<std::string> order_keys = arrival.order_keys;
  store::Accepted accepted;
  try {
    auto accepting = house_.store->accept(std::move(arrival));
    accepted = co_await std::move(accepting);
  } catch (const store::Error& failure) {
    (*house_.log)(event::store_failed, {{"channel", channel.name}, {"reason", failure.what()}});
    Reply refusal = reply_to(channel, &peek, message, no(Verdict::rejected, "207", "the message could not be stored"), house_.world);
    refusal.kept = false;
    refusal.taken = Taken::not_now;
    co_return refusal;
  }
  if (accepted.duplicate) {
    auto repeating = repeat(plan, peek, std::move(message), std::move(accepted));
    co_return co_await std::move(repeating);
  }
  if (accepted.other_content && !dropped) {
    if (auto reply = other_content(channel, peek, message, accepted.sequence)) co_return *std::move(reply);
  }
  Answer answer = yes();
  if (!dropped) {
    const bool waits = channel.acknowledge.after != Acknowledge::After::stored;
    if (waits) outcomes_.expect(accepted.sequence);
    Parcel onward = facts;
    onward.sequence = accepted.sequence;
    if (!waits) {
      Reply reply = reply_to(channel, &peek, message, answer, house_.world);
      onward.bytes = std::move(message);
      march_.add(std::move(onward), order_keys, std::move(peek));
      co_return reply;
    }
    onward.bytes = message;
    march_.add(std::move(onward), order_keys, peek);
    auto waiting = outcome(plan, accepted.sequence);
    answer = co_await std::move(waiting);
    if (answer.relayed == no_answer) co_return Reply{};
  }
  co_return reply_to(channel, &peek, message, answer, house_.world, true);
}

// The reply to another message under a known key; nothing if it goes on like any.
std::optional<Reply> Receiver::other_content(const Channel& channel, const Peek& peek, std::string_view message, store::Sequence sequence) {
  using Other = Acknowledge::OtherContent;
  const Other rule = channel.acknowledge.other_content;
  const Event& what = rule == Other::process ? event::parcel_other_content : rule == Other::hold ? event::parcel_held : event::parcel_refused;
  (*house_.log)(what, {{"channel", channel.name}, {"parcel", std::to_string(sequence)}, {"reason", "other content under a known key"}});
  if (rule == Other::process) return std::nullopt;
  if (rule == Other::hold) return reply_to(channel, &peek, message, yes(), house_.world);
  Reply refusal = reply_to(channel, &peek, message, known_key(), house_.world);
  refusal.kept = false;
  return refusal;
}

// What cannot be read is kept all the same, so that somebody can look at it, and answered as well as can be.
boost::asio::awaitable<Reply> Receiver::refuse(std::shared_ptr<const Plan> plan, Parcel parcel, std::optional<Peek> peek, Answer answer) {
  const Channel& channel = plan->channel;
  const Complaint& first = answer.complaints.at(0);
  Reply reply = reply_to(channel, peek ? &*peek : nullptr, parcel.bytes, answer, house_.world);
  reply.kept = false;
  reply.then.clear();  // what was not taken on (CE, CR) is not processed: no application answer follows
  (*house_.log)(event::parcel_refused, {{"channel", channel.name}, {"peer", parcel.peer}, {"place", first.location}});
  store::Arrival arrival;
  if (peek) {
    arrival.control_id = peek->control_id;
    arrival.type = peek->type;
    arrival.sender = peek->sender;
  }
  arrival.status = store::Status::refused;
  arrival.detail = first.location.empty() ? first.text : first.location + ": " + first.text;
  arrival.answer = remember(answer);
  arrival.config = plan->config;
  arrival.parcel = std::move(parcel);
  try {
    auto accepting = house_.store->accept(std::move(arrival));
    co_await std::move(accepting);
  } catch (const store::Error& failure) {
    (*house_.log)(event::store_failed, {{"channel", channel.name}, {"reason", failure.what()}});
  }
  co_return reply;
}

boost::asio::awaitable<Reply> Receiver::repeat(std::shared_ptr<const Plan> plan, Peek peek, std::string message, store::Accepted first) {
  (*house_.log)(event::parcel_repeated, {{"channel", plan->channel.name}, {"parcel", std::to_string(first.sequence)}});
  Answer answer = recall(first.answer);
  if (first.answer == no_answer) co_return Reply{};
  if (first.answer.empty()) {
    outcomes_.expect(first.sequence);
    auto waiting = outcome(plan, first.sequence);
    answer = co_await std::move(waiting);
    if (answer.relayed == no_answer) co_return Reply{};
  }
  co_return reply_to(plan->channel, &peek, message, answer, house_.world, true);
}

// The outcome, or what the channel says instead when it does not come in time. relayed "none": say nothing.
boost::asio::awaitable<Answer> Receiver::outcome(std::shared_ptr<const Plan> plan, store::Sequence sequence) {
  const Acknowledge& ack = plan->channel.acknowledge;
  auto waiting = outcomes_.wait(sequence, ack.within);
  const std::optional<std::string> kept = co_await std::move(waiting);
  Answer answer;
  if (kept) {
    answer = recall(*kept);
    if (*kept == no_answer) answer.relayed = no_answer;
  } else if (ack.otherwise == "AE") {
    answer = no(Verdict::error, "207", "no outcome within " + text(ack.within) + "; the message is kept and goes on");
  } else if (ack.otherwise == "none") {
    answer.relayed = no_answer;
  }
  co_return answer;
}

}  // namespace tombolo
