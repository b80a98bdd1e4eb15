#include "engine/flow/walk.h"

#include "engine/flow/steps.h"

namespace tombolo {
namespace {

Walked failed(const Parcel& parcel, const Fault& why) {
  Walked walked;
  walked.posting.sequence = parcel.sequence;
  walked.posting.status = store::Status::failed;
  walked.posting.detail = text(why);
  walked.answer.verdict = Verdict::error;
  walked.answer.complaints.push_back({why.where, "207", "E", why.what});
  return walked;
}

class ChannelWalk final : public Walk {
 public:
  ChannelWalk(const Channel& channel, const Definitions& definitions, Diagnostics& diagnostics)
      : channel_(channel), schema_(definitions.schema), dictionary_(definitions.dictionary),
        common_(channel.steps, channel.format->canonical() ? Document::Form::bundle : Document::Form::received, true, channel, definitions, diagnostics) {
    for (const auto& destination : channel.destinations) {
      std::vector<Step> steps;
      if (destination.when) steps.push_back(*destination.when);
      steps.insert(steps.end(), destination.steps.begin(), destination.steps.end());
      routes_.emplace_back(steps, common_.result(), false, channel, definitions, diagnostics);
      auto& classes = urgent_.emplace_back();
      for (const auto& condition : destination.priority) classes.emplace_back(std::vector<Step>{condition}, common_.result(), false, channel, definitions, diagnostics);
      if (destination.syntax && routes_.back().result() != Document::Form::bundle) {
        diagnostics.error(destination.place, "'fhir' says how FHIR is written, and destination " + destination.name + " gets none: put a map before it", channel.text);
      }
    }
  }

  bool light() const override {
    for (std::size_t i = 0; i < routes_.size(); ++i) {
      if (!routes_[i].empty() || !urgent_[i].empty() || channel_.destinations[i].syntax) return false;
    }
    return common_.empty();
  }

  Walked operator()(const Parcel& parcel, const std::vector<std::string>& order_keys, const Peek* peek) const override {
    if (peek) return carry(parcel, order_keys, *peek);
    const auto looked = channel_.format->peek(parcel.bytes, channel_.paths, channel_.reading);
    return looked ? carry(parcel, order_keys, *looked) : failed(parcel, looked.error());
  }

 private:
  Walked carry(const Parcel& parcel, const std::vector<std::string>& order_keys, const Peek& peek) const {
    Walked walked;
    walked.posting.sequence = parcel.sequence;
    for (const auto& key : peek.keys) walked.posting.keys.emplace_back(key.kind, key.value);
    walked.sender = peek.sender;
    Document document(channel_, dictionary_, parcel, peek);
    const auto give_up = [&](const Fault& why) {
      Walked without = failed(parcel, why);
      without.sender = peek.sender;
      add_misses(document, 0, without);
      return without;
    };
    const auto passage = common_.carry(document);
    if (!passage) return give_up(passage.error());
    if (passage->kind == Passage::Kind::on) {
      for (std::size_t i = 0; i < routes_.size(); ++i) {
        const auto routed = route(i, document, order_keys, walked);
        if (!routed) return give_up(routed.error());
      }
    }
    add_misses(document, 0, walked);
    for (const auto& tag : document.tags()) walked.posting.keys.emplace_back("tag", tag);
    if (passage->kind == Passage::Kind::held) {
      walked.posting.status = store::Status::held;
      walked.posting.detail = passage->why;
    } else if (passage->kind == Passage::Kind::refused) {
      refused(walked, *passage);
    } else if (walked.posting.deliveries.empty()) {
      filtered(walked);
    }
    return walked;
  }

  // Adds the delivery to destination `i`, unless its steps do not want the message.
  Result<void> route(std::size_t i, const Document& common, const std::vector<std::string>& order_keys, Walked& walked) const {
    store::Posting& posting = walked.posting;
    Document own(common);
    const auto passage = routes_[i].carry(own);
    if (!passage) return passage.error();
    add_misses(own, common.missed().size(), walked);
    for (std::size_t tag = common.tags().size(); tag < own.tags().size(); ++tag) posting.keys.emplace_back("tag", own.tags()[tag]);
    if (passage->kind != Passage::Kind::on) return {};
    auto printed = own.print(schema_, dictionary_, channel_.destinations[i].syntax);
    if (!printed) return printed.error();
    store::Outgoing out;
    out.destination = channel_.destinations[i].name;
    out.order_keys = order_keys;
    out.content_type = printed->content_type;
    out.control_id = std::move(printed->control_id);
    out.body = std::move(printed->body);
    const auto urgency = urgency_of(i, common);
    if (!urgency) return urgency.error();
    out.urgency = *urgency;
    posting.deliveries.push_back(std::move(out));
    return {};
  }

  // By the first of the destination's conditions that holds; 0: none.
  Result<int> urgency_of(std::size_t i, const Document& common) const {
    for (std::size_t c = 0; c < urgent_[i].size(); ++c) {
      Document own(common);
      const auto passage = urgent_[i][c].carry(own);
      if (!passage) return passage.error();
      if (passage->kind == Passage::Kind::on) return static_cast<int>(urgent_[i].size() - c);
    }
    return 0;
  }

  // What a document of the walk missed, behind the first `known`.
  void add_misses(const Document& document, std::size_t known, Walked& walked) const {
    const auto& missed = document.missed();
    for (std::size_t i = known; i < missed.size(); ++i) walked.misses.push_back(missed[i]);
  }

  static void refused(Walked& walked, const Passage& passage) {
    walked.posting.status = store::Status::refused;
    walked.posting.detail = passage.why;
    walked.answer.verdict = passage.verdict;
    walked.answer.complaints = passage.complaints;
  }

  void filtered(Walked& walked) const {
    walked.posting.status = store::Status::filtered;
    walked.silent = channel_.acknowledge.filtered == "none";
    if (channel_.acknowledge.filtered == "AR") {
      walked.answer.verdict = Verdict::rejected;
      walked.answer.complaints.push_back({"", "207", "E", "no destination takes this message"});
    }
  }

  const Channel& channel_;
  const FhirSchema& schema_;
  const V2Dictionary& dictionary_;
  Steps common_;
  std::vector<Steps> routes_;
  std::vector<std::vector<Steps>> urgent_;   // of each destination, the most urgent class first
};

}  // namespace

std::unique_ptr<const Walk> compile_walk(const Channel& channel, const Definitions& definitions, Diagnostics& diagnostics) {
  return std::make_unique<ChannelWalk>(channel, definitions, diagnostics);
}

}  // namespace tombolo
