// deidentify: what a policy lets through goes on, as a new Bundle; see filters/deidentify. It fails closed: without policy and key
// the channel does not start, and a message that cannot be treated becomes a failure of this channel. What the policy holds waits for a
// person; in the steps of a destination, this destination does not get it. Either is found by the tag "withheld".
#include "engine/filters/deidentify/deidentify.h"

#include "engine/base/secret.h"
#include "engine/flow/step.h"
#include "engine/flow/walk.h"

namespace tombolo {
namespace {

using deidentify::Deidentifier;
using deidentify::Release;

class DeidentifyWork final : public Work {
 public:
  explicit DeidentifyWork(std::unique_ptr<const Deidentifier> filter) : filter_(std::move(filter)) {}

  Result<Passage> operator()(Document& document) const override {
    const deidentify::Occasion occasion{document.received(), document.released()};
    bool held = false;
    const auto done = document.rework([&](const Tree& before, Tree& after) -> Result<void> {
      const auto release = (*filter_)(before, occasion, after);
      if (!release) return release.error();
      held = *release == Release::held;
      return {};
    });
    if (!done) return done.error();
    Passage passage;
    if (!held) return passage;
    document.tag("withheld");
    passage.kind = Passage::Kind::held;
    passage.why = "policy " + filter_->policy().name + ": a person looks at it first";
    return passage;
  }

 private:
  std::unique_ptr<const Deidentifier> filter_;
};

// The keys of the project; nothing if the secret will not do. What is wrong with it is said without its line: it may stand there.
std::optional<deidentify::Keys> keys_of(Reader& reader, const std::string& project, const StepSite& site) {
  const Setting* const key = reader.raw("key");
  if (key == nullptr) return site.diagnostics.error(reader.place(), "deidentify needs 'key': !secret NAME"), std::nullopt;
  const auto& folder = site.definitions.library.site();
  const Secrets secrets(site.definitions.environment, folder.empty() ? folder : folder / "secrets");
  const auto secret = secret_of(*key, secrets, site.diagnostics);
  if (!secret || project.empty()) return std::nullopt;
  auto keys = deidentify::Keys::derive(*secret, project);
  if (keys) return *std::move(keys);
  site.diagnostics.error(reader.place(keys.error().where), keys.error().what);
  return std::nullopt;
}

std::unique_ptr<const Work> make(const Setting& setting, const StepSite& site) {
  if (setting.shape != Setting::Shape::map) {
    site.diagnostics.error(setting.place, "'deidentify' needs a policy, a project and a key: { policy: research, project: NAME, key: !secret NAME }");
    return nullptr;
  }
  Diagnostics found;
  if (site.before != Document::Form::bundle) found.error(setting.place, "'deidentify' works on the canonical model: put a map before it");
  Reader reader(setting, "deidentify", found);
  const std::string name = reader.required("policy"), project = reader.required("project");
  auto keys = keys_of(reader, project, site);
  reader.finish();
  const FhirSchema& schema = site.definitions.schema;
  deidentify::Policy policy;
  if (!name.empty()) policy = deidentify::read_policy(site.definitions.library, name, reader.place("policy"), schema, found);
  std::unique_ptr<const Deidentifier> filter;
  if (keys && !found.failed()) filter = Deidentifier::make(std::move(policy), *std::move(keys), schema, found);
  site.diagnostics.append(found);
  if (!filter) return nullptr;
  return std::make_unique<DeidentifyWork>(std::move(filter));
}

}  // namespace

StepPlug deidentify_step() {
  return {"deidentify", "lets through what a policy lets through, with tokens for ids and shifted dates",
          "- deidentify: { policy: research, project: heart-study, key: !secret heart-study }",
          {{"policy", "name", "required", "policies/NAME.yaml of the site, or a shipped one: safe-harbor, research"},
           {"project", "text", "required", "what the tokens are for; those of two projects cannot be joined"},
           {"key", "!secret", "required", "what tokens and shifts are made with; 32 random bytes or more"}},
          make};
}

}  // namespace tombolo
