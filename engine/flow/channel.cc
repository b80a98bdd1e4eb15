#include "engine/flow/channel.h"

#include <algorithm>
#include <set>

#include "engine/base/charset.h"
#include "engine/base/secret.h"
#include "engine/base/text.h"

namespace tombolo {
namespace {

// A setting as text, for telling whether two wires are the same.
void append_text(std::string& out, const Setting& s) {
  out += s.tag;
  switch (s.shape) {
    case Setting::Shape::nothing: out += '~'; break;
    case Setting::Shape::scalar: out += '\'' + s.text + '\''; break;
    case Setting::Shape::list:
      out += '[';
      for (const auto& item : s.items) append_text(out, item), out += ',';
      out += ']';
      break;
    case Setting::Shape::map:
      out += '{';
      for (const auto& [key, value, place] : s.members) {
        out += key + ':';
        append_text(out, value);
        out += ',';
      }
      out += '}';
  }
}

std::string text_of(const Setting& s) {
  std::string out;
  append_text(out, s);
  return out;
}

// The one member of `block` that names a plug of `plugs`; asks for each name so that finish() knows them all.
template <class Plug>
const Plug* find_plug(Reader& reader, const std::vector<Plug>& plugs, const std::string& what) {
  const Plug* found = nullptr;
  std::string names;
  for (const auto& plug : plugs) {
    names += (names.empty() ? "" : ", ") + std::string(plug.name);
    if (!reader.raw(plug.name)) continue;
    if (found) reader.error(plug.name, what + " names two wires: " + std::string(found->name) + " and " + std::string(plug.name));
    found = &plug;
  }
  if (!found) reader.diagnostics().error(reader.place(), what + " names no wire; there are: " + names);
  return found;
}

std::string charset_setting(Reader& reader, std::string_view key, std::string otherwise) {
  const std::string spelling = reader.text(key);
  if (spelling.empty()) return otherwise;
  if (auto name = charset_name(spelling)) return *name;
  reader.error(key, "no character set is called '" + spelling + "'");
  return otherwise;
}

void read_charset(const Setting& block, Reading& reading, Diagnostics& diagnostics) {
  Reader reader(block, "charset", diagnostics);
  reading.charset = charset_setting(reader, "override", "");
  reading.charset_default = charset_setting(reader, "default", "UTF-8");
  reading.obey_message = reader.flag("obey_msh18", true);
  reader.finish();
}

void read_source(const Setting& block, const Shelves& shelves, const Secrets& secrets, Channel& channel, Diagnostics& diagnostics) {
  Reader reader(block, "source", diagnostics);
  channel.source = find_plug(reader, shelves.sources, "source");
  if (channel.source) {
    channel.wire = reader.nested(channel.source->name);
    channel.wire_text = std::string(channel.source->name) + text_of(channel.wire);
    look_up_secrets(channel.wire, secrets, diagnostics);
    channel.source->make(channel.wire, channel.name, diagnostics, nullptr);
  }
  channel.format_name = reader.text("format", channel.source ? channel.source->format : "hl7v2");
  const auto format = shelves.formats.find(channel.format_name);
  if (format != shelves.formats.end()) channel.format = format->second.get();
  else {
    std::vector<std::string_view> names;
    for (const auto& [name, known] : shelves.formats) names.push_back(name);
    reader.error("format", "no format is called '" + channel.format_name + "'" + suggestion(channel.format_name, names));
  }
  channel.reading.keep_unknown = reader.one_of("unknown", {"refuse", "keep"}, "refuse") == "keep";
  channel.reading.skip_comments = reader.one_of("comments", {"refuse", "skip"}, "refuse") == "skip";
  read_charset(reader.nested("charset"), channel.reading, diagnostics);
  if (reader.has("zone")) {
    const std::string zone = reader.required("zone");
    channel.zone = Zone::find(zone);
    if (!channel.zone) reader.error("zone", "expected an offset from UTC such as +01:00, or a place such as Europe/Berlin, found '" + zone + "'");
  }
  channel.reading.max_segments = static_cast<std::size_t>(reader.number("max_segments", 100'000, 1, 10'000'000));
  reader.finish();
}

void read_duplicates(Reader& outer, Channel& channel, Diagnostics& diagnostics) {
  Acknowledge& ack = channel.acknowledge;
  const Setting& block = outer.nested("duplicate");
  if (block.shape == Setting::Shape::scalar && block.text == "none") {
    ack.look_for_duplicates = false;
    return;
  }
  Reader reader(block, "duplicate", diagnostics);
  channel.paths.duplicate = reader.texts("key");
  ack.window = reader.duration("window", ack.window);
  reader.one_of("answer", {"stored"}, "stored");
  const std::string other = reader.one_of("other_content", {"process", "hold", "reject"}, "process");
  if (other == "hold") ack.other_content = Acknowledge::OtherContent::hold;
  if (other == "reject") ack.other_content = Acknowledge::OtherContent::reject;
  reader.finish();
}

void read_acknowledge(const Setting& block, Channel& channel, Diagnostics& diagnostics) {
  Acknowledge& ack = channel.acknowledge;
  Reader reader(block, "acknowledge", diagnostics);
  const std::string mode = reader.one_of("mode", {"auto", "original", "enhanced"}, "auto");
  if (mode == "original") ack.mode = Acknowledge::Mode::original;
  if (mode == "enhanced") ack.mode = Acknowledge::Mode::enhanced;
  const std::string after = reader.text("after", "stored");
  if (after.starts_with("delivered:")) {
    ack.after = Acknowledge::After::delivered;
    ack.destination = after.substr(10);
  } else if (after == "mapped") {
    ack.after = Acknowledge::After::mapped;
  } else if (after != "stored") {
    reader.error("after", "'after' is stored, mapped or delivered:<destination>; found '" + after + "'" +
                              suggestion(after, {"stored", "mapped", "delivered"}));
  }
  ack.within = reader.duration("within", ack.within);
  ack.otherwise = reader.one_of("else", {"AE", "AA", "none"}, "AE");
  ack.invalid = reader.one_of("invalid", {"AE", "AR"}, "AE") == "AE" ? Verdict::error : Verdict::rejected;
  ack.filtered = reader.one_of("filtered", {"AA", "AR", "none"}, "AA");
  ack.process_training = reader.one_of("training", {"drop", "process"}, "drop") == "process";
  ack.process_debugging = reader.one_of("debugging", {"drop", "process"}, "drop") == "process";
  read_duplicates(reader, channel, diagnostics);
  reader.finish();
}

void read_order(const Setting& block, Channel& channel, std::size_t& lanes, Diagnostics& diagnostics) {
  Reader reader(block, "order", diagnostics);
  channel.paths.order = reader.texts("key");
  if (channel.paths.order == std::vector<std::string>{"none"}) {
    channel.paths.order.clear();
    channel.ordered = false;
  }
  lanes = static_cast<std::size_t>(reader.number("lanes", channel.ordered ? 16 : 1, 1, 4096));
  reader.finish();
}

Step read_step(const Setting& item, const Shelves& shelves, Diagnostics& diagnostics) {
  Reader reader(item, "step", diagnostics);
  Step step;
  std::vector<std::string_view> names;
  for (const auto& plug : shelves.steps) {
    names.push_back(plug.name);
    const Setting* setting = reader.raw(plug.name);
    if (!setting) continue;
    if (step.plug) reader.error(plug.name, "a step is one of " + std::string(step.plug->name) + " and " + std::string(plug.name) + ", not both");
    step = {&plug, *setting};
  }
  if (step.plug && step.plug->settings.empty() && step.setting.shape == Setting::Shape::nothing) reader.required(step.plug->name);
  reader.finish();
  return step;
}

void read_steps(const Setting* list, const Shelves& shelves, std::vector<Step>& steps, Diagnostics& diagnostics) {
  if (!list || list->shape == Setting::Shape::nothing) return;
  if (list->shape != Setting::Shape::list) {
    diagnostics.error(list->place, "'steps' is a list such as  - map: hl7v2-to-fhir");
    return;
  }
  for (const auto& item : list->items) {
    Step step = read_step(item, shelves, diagnostics);
    if (step.plug) steps.push_back(std::move(step));
  }
}

// `when:` of a destination is a filter before its steps.
std::optional<Step> read_when(Reader& reader, const Shelves& shelves) {
  if (!reader.has("when")) return std::nullopt;
  reader.required("when");
  const auto filter = std::find_if(shelves.steps.begin(), shelves.steps.end(), [](const StepPlug& plug) { return plug.name == "filter"; });
  if (filter == shelves.steps.end()) return std::nullopt;
  return Step{&*filter, *reader.raw("when")};
}

// `priority:` of a destination: conditions, each a filter on what its steps begin with.
std::vector<Step> read_priority(Reader& reader, const Shelves& shelves) {
  std::vector<Step> conditions;
  const Setting* found = reader.raw("priority");
  const auto filter = std::find_if(shelves.steps.begin(), shelves.steps.end(), [](const StepPlug& plug) { return plug.name == "filter"; });
  if (found == nullptr || filter == shelves.steps.end()) return conditions;
  for (const auto& text : reader.texts("priority"))
    if (text.empty()) reader.error("priority", "expected a condition such as OBR-27.6 = 'S'");
  if (found->shape == Setting::Shape::scalar) conditions.push_back({&*filter, *found});
  for (const auto& item : found->items) conditions.push_back({&*filter, item});
  return conditions;
}

std::optional<Action> action_of(std::string_view name) {
  if (name == "retry") return Action::retry;
  if (name == "dead_letter") return Action::dead_letter;
  if (name == "deliver") return Action::deliver;
  if (name == "pause") return Action::pause;
  return std::nullopt;
}

Action read_action(Reader& reader, std::string_view key, std::string_view otherwise) {
  const std::string name = reader.one_of(key, {"retry", "dead_letter", "deliver", "pause"}, otherwise);
  return action_of(name).value_or(Action::retry);
}

void read_replies(const Setting& block, std::vector<ReplyRule>& rules, Diagnostics& diagnostics) {
  Reader reader(block, "reply", diagnostics);
  for (const auto& [code, value, place] : block.members) {
    ReplyRule rule;
    rule.pattern = code;
    if (value.shape == Setting::Shape::map) {
      reader.raw(code);
      Reader inner(value, "reply " + code, diagnostics);
      rule.action = Action::retry;
      rule.times = static_cast<int>(inner.number("retry", 0, 1, 1'000'000));
      rule.then = read_action(inner, "then", "dead_letter");
      inner.finish();
    } else {
      rule.action = read_action(reader, code, "retry");
    }
    rules.push_back(rule);
  }
  reader.finish();
}

Retry read_retry(const Setting& block, Diagnostics& diagnostics) {
  Retry retry;
  Reader reader(block, "retry", diagnostics);
  retry.first = reader.duration("first", retry.first);
  retry.max = reader.duration("max", retry.max);
  retry.factor = static_cast<double>(reader.number("factor", 2, 1, 100));
  retry.jitter = reader.percent("jitter", retry.jitter);
  retry.give_up = reader.duration("give_up", retry.give_up);
  reader.finish();
  return retry;
}

DestinationPlan read_destination(const std::string& name, const Setting& block, const Channel& channel, const Shelves& shelves,
                                 const Secrets& secrets, std::size_t lanes, Diagnostics& diagnostics) {
  DestinationPlan plan;
  plan.name = name;
  plan.place = block.place;
  Reader reader(block, "destination " + name, diagnostics);
  plan.plug = find_plug(reader, shelves.destinations, "destination " + name);
  if (plan.plug) {
    plan.wire = reader.nested(plan.plug->name);
    plan.wire_text = std::string(plan.plug->name) + text_of(plan.wire);
    look_up_secrets(plan.wire, secrets, diagnostics);
    plan.plug->make(plan.wire, channel.name, diagnostics, nullptr);
  }
  if (reader.has("fhir")) plan.syntax = reader.one_of("fhir", {"json", "xml"}, "json") == "xml" ? FhirSyntax::xml : FhirSyntax::json;
  plan.when = read_when(reader, shelves);
  plan.priority = read_priority(reader, shelves);
  read_steps(reader.raw("steps"), shelves, plan.steps, diagnostics);
  for (const auto* key : {"retry", "reply", "head_of_line", "circuit", "send", "priority"}) {
    if (const Setting* found = block.find(key)) append_text(plan.delivery_text += key, *found);
  }
  plan.retry = read_retry(reader.nested("retry"), diagnostics);
  read_replies(reader.nested("reply"), plan.replies, diagnostics);
  plan.pace = read_pace(reader.nested("send"), diagnostics);
  const std::string rule = reader.one_of("head_of_line", {"hold_key", "block", "skip", "stop"}, "hold_key");
  plan.head_of_line = rule == "block"  ? HeadOfLine::block
                      : rule == "skip" ? HeadOfLine::skip
                      : rule == "stop" ? HeadOfLine::stop
                                       : HeadOfLine::hold_key;
  plan.lanes = lanes;
  plan.circuit = static_cast<int>(reader.number("circuit", 20, 0, 1'000'000));
  reader.finish();
  return plan;
}

void read_index(const Setting& block, PeekPaths& paths, Diagnostics& diagnostics) {
  Reader reader(block, "index", diagnostics);
  for (const auto& [kind, value, place] : block.members) paths.index.emplace_back(kind, reader.required(kind));
  reader.finish();
}

bool good_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  });
}

void check_names(const Channel& channel, const Reader& reader, Diagnostics& diagnostics) {
  if (!channel.name.empty() && !good_name(channel.name)) {
    diagnostics.error(reader.place("channel"), "a channel's name is made of letters, digits, - _ and . (at most 64)");
  }
  for (const auto& d : channel.destinations) {
    if (!good_name(d.name)) diagnostics.error(reader.place("destinations"), "a destination's name is made of letters, digits, - _ and . (at most 64)");
  }
  if (channel.acknowledge.after != Acknowledge::After::delivered) return;
  std::vector<std::string_view> names;
  for (const auto& d : channel.destinations) names.push_back(d.name);
  if (std::find(names.begin(), names.end(), channel.acknowledge.destination) == names.end()) {
    diagnostics.error(reader.place("acknowledge"), "'after: delivered:" + channel.acknowledge.destination +
                                                       "' names no destination of this channel" +
                                                       suggestion(channel.acknowledge.destination, names));
  }
}

}  // namespace

bool DestinationPlan::same_delivery(const DestinationPlan& other) const {
  return wire_text == other.wire_text && delivery_text == other.delivery_text && lanes == other.lanes;
}

Channel read_channel(const std::string& file, std::string_view text, const Environment& environment, const Shelves& shelves,
                     Diagnostics& diagnostics, const std::filesystem::path& site) {
  const Secrets secrets(environment, site.empty() ? site : site / "secrets");
  Diagnostics found;
  const Setting top = parse_settings(file, text, environment, found);
  Channel channel;
  channel.file = file;
  channel.text = std::string(text);
  Reader reader(top, "channel", found);
  channel.name = reader.required("channel");
  channel.tags = reader.texts("tags");
  if (!reader.has("source")) found.error(reader.place(), "a channel needs a 'source'");
  read_source(reader.nested("source"), shelves, secrets, channel, found);
  read_acknowledge(reader.nested("acknowledge"), channel, found);
  std::size_t lanes = 16;
  read_order(reader.nested("order"), channel, lanes, found);
  read_index(reader.nested("index"), channel.paths, found);
  read_steps(reader.raw("steps"), shelves, channel.steps, found);
  const Setting& destinations = reader.nested("destinations");
  Reader names(destinations, "destinations", found);
  for (const auto& [name, block, place] : destinations.members) {
    names.raw(name);
    channel.destinations.push_back(read_destination(name, block, channel, shelves, secrets, lanes, found));
  }
  if (channel.destinations.empty()) found.error(reader.place("destinations"), "a channel needs at least one destination");
  check_names(channel, reader, found);
  reader.finish();
  found.quote(file, text);
  diagnostics.append(found);
  return channel;
}

}  // namespace tombolo
