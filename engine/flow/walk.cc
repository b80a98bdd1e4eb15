#include "engine/flow/walk.h"

#include "engine/flow/steps.h"
#include "engine/formats/fhir/print.h"

namespace tombolo {
namespace {

constexpr std::string_view v2_type = "application/hl7-v2";
constexpr std::string_view fhir_type = "application/fhir+json";

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
      : channel_(channel), schema_(definitions.schema), common_(channel.steps, Document::Form::received, channel, definitions, diagnostics) {
    for (const auto& destination : channel.destinations) {
      std::vector<Step> steps;
      if (destination.when) steps.push_back(*destination.when);
      steps.insert(steps.end(), destination.steps.begin(), destination.steps.end());
      routes_.emplace_back(steps, common_.result(), channel, definitions, diagnostics);
    }
  }

  bool light() const override {
    for (const auto& route : routes_) {
      if (!route.empty()) return false;
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
    Document document(channel_, parcel, peek);
    const auto wanted = common_.carry(document);
    if (!wanted) return failed(parcel, wanted.error());
    if (*wanted) {
      for (std::size_t i = 0; i < routes_.size(); ++i) {
        const auto routed = route(i, document, peek, order_keys, walked.posting);
        if (!routed) return failed(parcel, routed.error());
      }
    }
    if (walked.posting.deliveries.empty()) filtered(walked);
    return walked;
  }

  // Adds the delivery to destination `i`, unless its steps do not want the message.
  Result<void> route(std::size_t i, const Document& common, const Peek& peek, const std::vector<std::string>& order_keys,
                     store::Posting& posting) const {
    Document own(common);
    const auto wanted = routes_[i].carry(own);
    if (!wanted) return wanted.error();
    if (!*wanted) return {};
    store::Outgoing out;
    out.destination = channel_.destinations[i].name;
    out.order_keys = order_keys;
    if (own.form() == Document::Form::received) {
      out.content_type = v2_type;
      out.control_id = peek.control_id;
    } else {
      out.content_type = fhir_type;
      out.body = own.print(schema_);
    }
    posting.deliveries.push_back(std::move(out));
    return {};
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
  Steps common_;
  std::vector<Steps> routes_;
};

}  // namespace

std::unique_ptr<const Walk> compile_walk(const Channel& channel, const Definitions& definitions, Diagnostics& diagnostics) {
  return std::make_unique<ChannelWalk>(channel, definitions, diagnostics);
}

}  // namespace tombolo
