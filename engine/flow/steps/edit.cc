// edit: HL7 v2 in, a little changed, v2 out.
#include <algorithm>

#include "engine/base/text.h"
#include "engine/flow/step.h"
#include "engine/flow/steps/layers.h"
#include "engine/flow/walk.h"
#include "engine/mapping/edits.h"

namespace tombolo {
namespace {

class EditWork final : public Work {
 public:
  EditWork(std::shared_ptr<const Edits> edits, std::string name) : edits_(std::move(edits)), name_(std::move(name)) {}

  Result<Passage> operator()(Document& document) const override {
    const auto edited = document.edit(*edits_, name_);
    if (!edited) return edited.error();
    return Passage{};
  }

 private:
  std::shared_ptr<const Edits> edits_;
  std::string name_;                         // empty: by the message's structure
};

std::unique_ptr<const Work> make(const Setting& setting, const StepSite& site) {
  const auto wrong = [&](const Place& place, std::string text) {
    site.diagnostics.error(place, std::move(text), site.channel.text);
    return nullptr;
  };
  if (site.before != Document::Form::received) return wrong(setting.place, "an edit changes HL7 v2: put it before the map");
  if (site.channel.format_name != "hl7v2") return wrong(setting.place, "an edit changes HL7 v2, and this channel receives " + site.channel.format_name);
  const auto layers = named_layers(setting, site);
  if (!layers) return nullptr;
  const Definitions& definitions = site.definitions;
  std::shared_ptr<const Edits>& edits = definitions.loaded.edits[layers->key()];
  if (!edits) edits = Edits::load(definitions.library, definitions.dictionary, definitions.schema, layers->names, site.diagnostics);
  if (edits->empty()) return wrong(layers->place, layers->names.back() + " has no `edit`");
  const auto names = edits->names();
  if (!layers->part.empty() && std::find(names.begin(), names.end(), layers->part) == names.end())
    return wrong(layers->place, layers->names[0] + " has no edit called '" + layers->part + "'" + suggestion(layers->part, names));
  return std::make_unique<EditWork>(edits, layers->part);
}

}  // namespace

StepPlug edit_step() { return {"edit", "changes the HL7 v2 message a little, and leaves every other byte", "- edit: to-laboratory", {}, make}; }

}  // namespace tombolo
