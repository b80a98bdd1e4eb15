// Channel: what one channel file says, checked and complete. Data only; flow.cc makes it run.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/zone.h"
#include "engine/connectors/connector.h"
#include "engine/flow/lanes.h"
#include "engine/flow/pace.h"
#include "engine/flow/retry.h"
#include "engine/formats/fhir/place.h"
#include "engine/formats/format.h"

namespace tombolo {

class Work;
struct StepSite;

// A kind of step: the key of a line under `steps:`. Each is made in its own file of flow/steps/ and named in engine/plugs.cc.
struct StepPlug {
  std::string_view name;                                // the key in the channel file: "filter"
  std::string_view about;
  std::string_view example;                             // YAML
  std::vector<SettingSpec> settings;                    // of a block; empty: it takes one text

  // Compiles the step from what stands behind its name (flow/step.h). What is wrong is in the site's diagnostics; nullptr
  // only then. The channel and the definitions outlive the work.
  std::unique_ptr<const Work> (*make)(const Setting& setting, const StepSite& site) = nullptr;
};

// What this binary can do: filled by engine/plugs.cc, read by everybody above.
struct Shelves {
  std::vector<SourcePlug> sources;
  std::vector<DestinationPlug> destinations;
  std::vector<StepPlug> steps;
  std::map<std::string, std::unique_ptr<Format>, std::less<>> formats;
};

struct Acknowledge {
  enum class Mode { automatic, original, enhanced };
  enum class After { stored, mapped, delivered };
  enum class OtherContent { process, hold, reject };

  Mode mode = Mode::automatic;
  After after = After::stored;
  std::string destination;                              // for delivered
  Duration within = std::chrono::seconds(25);           // then `otherwise`
  std::string otherwise = "AE";                         // AE, AA or none
  Verdict invalid = Verdict::error;                     // for what cannot be read or lacks what it must have
  std::string filtered = "AA";                          // AA, AR or none
  bool look_for_duplicates = true;
  Duration window = std::chrono::hours(24 * 7);
  OtherContent other_content = OtherContent::process;
  bool process_training = false;                        // MSH-11 T: false: answered positively, recorded, goes nowhere
  bool process_debugging = false;                       // MSH-11 D
};

// One line under `steps:`. Compiled by its plug when the channel's walk is (walk.cc). The plug belongs to the shelves.
struct Step {
  const StepPlug* plug = nullptr;
  Setting setting;                                      // what stands behind the plug's name
};

struct DestinationPlan {
  std::string name;
  Place place;
  const DestinationPlug* plug = nullptr;
  Setting wire;                                         // the block that the plug reads
  std::string wire_text;                                // its text: equal text, equal wire (hot reload keeps it open)
  std::string delivery_text;                            // likewise of retry, reply, head_of_line, circuit, send and priority
  std::optional<FhirSyntax> syntax;                     // how FHIR is written; nothing: as JSON, or as it came
  std::optional<Step> when;
  std::vector<Step> steps;
  std::vector<Step> priority;                           // conditions, the most urgent first: what fulfils one may overtake
  Retry retry;
  std::vector<ReplyRule> replies;
  HeadOfLine head_of_line = HeadOfLine::hold_key;
  std::size_t lanes = 16;
  PacePlan pace;                                        // send: hours and rate
  int circuit = 20;                                     // so many dead letters in a row for one cause pause it; 0: never

  // Would a running Deliverer of `other` do exactly what this plan says? (`when` and `steps` are the walk's business.)
  bool same_delivery(const DestinationPlan& other) const;
};

struct Channel {
  std::string name;
  std::vector<std::string> tags;
  std::string file;                                     // as a person names it
  std::string text;                                     // the file's bytes: part of the configuration's hash
  const SourcePlug* source = nullptr;
  Setting wire;
  std::string wire_text;
  const Format* format = nullptr;
  std::string format_name;
  Reading reading;
  std::optional<Zone> zone;                             // of times that do not say theirs
  PeekPaths paths;
  bool ordered = true;                                  // order: { key: none }: every message waits for the one before
  Acknowledge acknowledge;
  std::vector<Step> steps;
  std::vector<DestinationPlan> destinations;
};

// Reads one channel file. Everything that is wrong is in `diagnostics`, with its place; the channel is of use only if
// nothing was. The shelves outlive the channel. site: the folder whose secrets/ the wires may name; empty: none.
Channel read_channel(const std::string& file, std::string_view text, const Environment& environment, const Shelves& shelves,
                     Diagnostics& diagnostics, const std::filesystem::path& site = {});

}  // namespace tombolo
