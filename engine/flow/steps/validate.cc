// validate: what the message breaks of its standard, and what becomes of it then.
//
//   reject   its sender hears AE or AR, an ERR for each error   | in the channel's own steps
//   hold     it waits for a person, who releases it             | in the channel's own steps
//   skip     this destination does not get it                   | in the steps of a destination
//   pass     it goes on                                         | everywhere
// Whatever becomes of it, people find it by the tag "invalid".
#include <algorithm>

#include "engine/filters/validate/hl7v2.h"
#include "engine/flow/step.h"
#include "engine/flow/walk.h"

namespace tombolo {
namespace {

constexpr const char* tag = "invalid";

class Validate final : public Work {
 public:
  Validate(const Weights& weights, Passage::Kind on_failure, const StepSite& site)
      : weights_(weights), on_failure_(on_failure), verdict_(site.channel.acknowledge.invalid), dictionary_(site.definitions.dictionary) {}

  Result<Passage> operator()(Document& document) const override {
    const auto message = document.message();
    if (!message) return message.error();
    const Findings found = validate_hl7v2(**message, dictionary_, weights_);
    Passage passage;
    if (!found.failed()) return passage;
    document.tag(tag);
    if (on_failure_ == Passage::Kind::held && document.released()) return passage;
    passage.kind = on_failure_;
    passage.why = found.summary();
    if (on_failure_ == Passage::Kind::refused) {
      passage.verdict = verdict_;
      passage.complaints = found.complaints();
    }
    return passage;
  }

 private:
  Weights weights_;
  Passage::Kind on_failure_;
  Verdict verdict_;
  const V2Dictionary& dictionary_;
};

Weights read_weights(const Setting& block, Diagnostics& diagnostics) {
  Reader reader(block, "severity", diagnostics);
  Weights weights = usual_weights;
  const std::vector<std::string_view> words(weight_names.begin(), weight_names.end());
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const std::string word = reader.one_of(family_names[i], words, weight_names[static_cast<std::size_t>(weights[i])]);
    const auto at = std::find(words.begin(), words.end(), word);
    if (at != words.end()) weights[i] = static_cast<Weight>(at - words.begin());
  }
  reader.finish();
  return weights;
}

Passage::Kind read_failure(Reader& reader, const StepSite& site) {
  const std::string word = reader.one_of("fail", {"reject", "hold", "pass", "skip"}, site.common ? "hold" : "skip");
  if (word == "pass") return Passage::Kind::on;
  if (word == "skip") {
    if (site.common) reader.error("fail", "skip leaves out one destination: it stands in the steps of a destination");
    return Passage::Kind::filtered;
  }
  if (!site.common) {
    reader.error("fail", word + " is for the whole message: it stands in the channel's own steps; here there are skip and pass");
  } else if (word == "reject" && site.channel.acknowledge.after == Acknowledge::After::stored) {
    reader.error("fail", "fail: reject needs \"acknowledge: { after: mapped }\": else the sender has its answer before the message "
                         "is checked");
  }
  return word == "reject" ? Passage::Kind::refused : Passage::Kind::held;
}

std::unique_ptr<const Work> make(const Setting& setting, const StepSite& site) {
  Diagnostics found;
  Reader reader(setting, "validate", found);
  reader.one_of("profile", {"hl7v2"}, "hl7v2");
  const Weights weights = read_weights(reader.nested("severity"), found);
  const Passage::Kind on_failure = read_failure(reader, site);
  if (site.before != Document::Form::received) {
    found.error(setting.place, "validate checks the message as received: it stands before the map");
  }
  if (site.channel.format_name != "hl7v2") found.error(setting.place, "the profile hl7v2 is for the format hl7v2");
  reader.finish();
  found.quote(site.channel.file, site.channel.text);
  site.diagnostics.append(found);
  if (found.failed()) return nullptr;
  return std::make_unique<Validate>(weights, on_failure, site);
}

}  // namespace

StepPlug validate_step() {
  return {"validate",
          "checks the message by the standard of its version",
          "- validate: { profile: hl7v2, severity: { vocabulary: warning }, fail: reject }",
          {{"profile", "hl7v2", "hl7v2", "the rules: HL7 v2 as MSH-12 says"},
           {"severity", "block", "as below", "a line a family, each error, warning, information or off"},
           {"severity.structure", "severity", "error", "segments and groups: missing, out of order, too often, without a place"},
           {"severity.cardinality", "severity", "error", "fields and components: required and missing, repeated too often"},
           {"severity.unknown", "severity", "information", "Z segments, and what the version does not have"},
           {"severity.format", "severity", "warning", "numbers, dates and times that are none; OBX-5 by OBX-2"},
           {"severity.vocabulary", "severity", "information", "codes that are not in their HL7 table"},
           {"severity.length", "severity", "off", "values longer than their data type (2.5 to 2.6)"},
           {"fail", "reject, hold, pass or skip", "hold; skip in a destination",
            "what becomes of a message with an error; reject needs acknowledge.after mapped or delivered:X; skip: not to this "
            "destination"}},
          make};
}

}  // namespace tombolo
