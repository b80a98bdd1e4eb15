#include "engine/command/document.h"

#include <algorithm>
#include <map>
#include <memory>
#include <ostream>
#include <set>
#include <vector>

#include "engine/base/text.h"
#include "engine/command/samples.h"
#include "engine/flow/answer.h"
#include "engine/flow/steps/layers.h"
#include "engine/service/plans.h"

namespace tombolo {
namespace {

// The version whose grammar the chapters show.
constexpr std::string_view shown_version = "2.5.1";
constexpr std::size_t most_codes = 60;  // of one table; longer ones are counted

class Writer {
 public:
  Writer(const Groundwork& ground, const Plan& plan, std::ostream& out)
      : ground_(ground), channel_(plan.channel), plan_(plan), out_(out), version_(ground.dictionary.nearest(shown_version)) {
    Diagnostics unseen;  // they were said when the plans were loaded
    Loaded loaded;
    const Definitions definitions{*plan.library, ground.dictionary, ground.schema, ground.site_id, loaded};
    const auto load = [&](const std::vector<Step>& steps) {
      for (const Step& step : steps) {
        if (step.plug->name != "map" || channel_.format->canonical()) continue;
        const auto layers = named_layers(step.setting, {channel_, definitions, Document::Form::received, true, unseen});
        if (layers) maps_.push_back(Maps::load(*plan.library, ground.dictionary, ground.schema, layers->names, unseen));
      }
    };
    load(channel_.steps);
    for (const auto& destination : channel_.destinations) load(destination.steps);
    for (const auto& maps : maps_) {
      for (const std::string_view name : maps->names()) {
        const V2Structure* const structure = name.ends_with("-Bundle") ? ground.dictionary.structure(name.substr(0, name.size() - 7)) : nullptr;
        if (structure != nullptr && wanted(*structure)) structures_.emplace(structure->name, structure);
      }
    }
  }

  void write() {
    out_ << "# Interface " << channel_.name << "\n\nWhat a system that sends to this channel needs to know. Written by `tombolo describe channel " << channel_.name
         << " --document` from\nthe channel's files; configuration " << plan_.config << ".\n";
    connection();
    messages();
    if (channel_.format_name == "hl7v2") required();
    tables();
    acknowledgements();
    samples();
  }

 private:
  // Do the channel's own steps let a message of this structure go on?
  bool wanted(const V2Structure& structure) const {
    Parcel parcel;
    parcel.sequence = 1;
    parcel.channel = channel_.name;
    parcel.bytes = sample_message(structure, version_of(structure));
    return (*plan_.walk)(parcel, {"sample"}, nullptr).posting.status != store::Status::filtered;
  }

  // The shown version, or the newest that has the structure.
  int version_of(const V2Structure& structure) const {
    if ((structure.versions & V2Dictionary::bit(version_)) != 0) return version_;
    int newest = static_cast<int>(ground_.dictionary.versions().size()) - 1;
    while (newest > 0 && (structure.versions & V2Dictionary::bit(newest)) == 0) --newest;
    return newest;
  }

  void heading(std::string_view text) { out_ << "\n## " << text << "\n"; }

  void connection() {
    heading("Connection");
    out_ << "| | |\n|---|---|\n| protocol | " << channel_.source->name << ": " << channel_.source->about << " |\n";
    for (const auto* key : {"listen", "connect"}) {
      if (const Setting* found = channel_.wire.find(key)) {
        out_ << "| " << (std::string_view(key) == "listen" ? "this engine listens on" : "this engine connects to") << " | " << found->text << " |\n";
      }
    }
    out_ << "| TLS | " << (channel_.wire.find("tls") != nullptr ? "yes" : "no") << " |\n";
    if (const Setting* most = channel_.wire.find("max_message")) out_ << "| largest message | " << most->text << " |\n";
    out_ << "| format | " << channel_.format_name << " |\n";
    if (channel_.format_name != "hl7v2") return;
    if (!channel_.reading.charset.empty()) out_ << "| character set | " << channel_.reading.charset << ", whatever MSH-18 says |\n";
    else out_ << "| character set | " << (channel_.reading.obey_message ? "as MSH-18 says; without MSH-18 " : "") << channel_.reading.charset_default << " |\n";
  }

  void messages() {
    heading("Messages");
    if (channel_.format->canonical()) out_ << "FHIR R4 (4.0.1), any resource type, as JSON or XML.\n";
    else if (structures_.empty()) out_ << "Every HL7 v2 message.\n";
    else out_ << "These message structures (MSH-9.3, or what MSH-9.1 and MSH-9.2 stand for):\n" << list(structures_) << "\n";
    if (!channel_.format->canonical()) {
      out_ << "Versions (MSH-12): ";
      for (const std::string_view version : ground_.dictionary.versions()) out_ << (version == ground_.dictionary.versions().front() ? "" : ", ") << version;
      out_ << ".\n";
    }
    for (const Step& step : channel_.steps) {
      if (step.plug->name == "filter") out_ << "Of these the ones for which `" << step.setting.text << "` holds; the others go nowhere.\n";
      if (step.plug->name == "validate") validation(step.setting);
    }
  }

  template <class Map>
  static std::string list(const Map& names) {
    std::string text;
    for (const auto& [name, value] : names) text += (text.empty() ? "" : ", ") + std::string(name);
    return text + ".\n";
  }

  void validation(const Setting& setting) {
    const Setting* const fail = setting.find("fail");
    const std::string becomes = fail == nullptr ? "hold" : fail->text;
    out_ << "Every message is checked by the standard of its version; one with errors "
         << (becomes == "reject" ? "is refused, with an ERR for each" : becomes == "hold" ? "waits for a person" : "goes on all the same") << ".\n";
    const Setting* const severity = setting.find("severity");
    if (severity == nullptr) return;
    for (const auto& [family, weight, place] : severity->members) out_ << "- " << family << ": " << weight.text << "\n";
  }

  // ── what must be there ──
  void required() {
    heading("Required");
    out_ << "MSH-1, MSH-2, MSH-9, MSH-10 and MSH-12 in every message: without them it is not accepted.\n";
    if (structures_.empty()) return;
    out_ << "By the grammar of version " << shown_version << ", or of the newest that has the structure (a segment of a group only where the group is there):\n\n| structure | segments |\n|---|---|\n";
    std::set<std::string_view> used;
    for (const auto& [name, structure] : structures_) {
      out_ << "| " << name << " | ";
      bool first = true;
      for (const V2Item& item : structure->items.subspan(1)) {
        if (item.group() || (item.required & V2Dictionary::bit(version_of(*structure))) == 0) continue;
        out_ << (first ? "" : ", ") << path(*structure, item);
        used.insert(item.name);
        first = false;
      }
      out_ << " |\n";
    }
    out_ << "\n| segment | required fields |\n|---|---|\n";
    for (const std::string_view name : used) segment(name);
  }

  static std::string path(const V2Structure& structure, const V2Item& item) {
    std::string text(item.name);
    for (std::uint16_t at = item.parent; at != 0; at = structure.items[at].parent) text = std::string(structure.items[at].name) + "." + text;
    return text;
  }

  void segment(std::string_view name) {
    const V2Segment* const known = ground_.dictionary.segment(name);
    if (known == nullptr) return;
    std::string fields;
    for (const V2Field& field : known->fields) {
      if ((field.required & V2Dictionary::bit(version_)) == 0) continue;
      fields += (fields.empty() ? "" : ", ") + std::string(name) + "-" + std::to_string(field.number) + " " + std::string(field.name);
    }
    if (!fields.empty()) out_ << "| " << name << " | " << fields << " |\n";
  }

  void tables() {
    std::map<std::string, const CodeTable*> all;
    for (const auto& maps : maps_) {
      for (const auto& [name, table] : maps->tables()) all.emplace(name, table);
    }
    if (all.empty()) return;
    heading("Codes");
    out_ << "The codes that are understood, and what they become. Another code is kept as it is sent, and counted.\n";
    for (const auto& [name, table] : all) {
      std::map<std::string_view, const CodeRow*> rows;
      for (std::uint32_t n = 1; n <= table->size(); ++n) {
        if (table->find(table->row(n).source) == n) rows.emplace(table->row(n).source, &table->row(n));
      }
      out_ << "\n### " << name << "\n";
      if (rows.size() > most_codes) {
        out_ << rows.size() << " codes, from " << rows.begin()->first << " to " << rows.rbegin()->first << ".\n";
        continue;
      }
      out_ << "| code | becomes | |\n|---|---|---|\n";
      for (const auto& [code, row] : rows) out_ << "| " << code << " | " << row->code << " | " << row->display << " |\n";
    }
  }

  // ── answers ──
  void acknowledgements() {
    const Acknowledge& ack = channel_.acknowledge;
    const bool v2 = channel_.format_name == "hl7v2";
    heading("Acknowledgements");
    if (!v2) out_ << "The answer is an OperationOutcome in the syntax of the message; below AA stands for one without errors.\n\n";
    out_ << "| when | answer |\n|---|---|\n| ";
    switch (ack.after) {
      case Acknowledge::After::stored: out_ << "the message is stored durably | AA |\n"; break;
      case Acknowledge::After::mapped: out_ << "the message is stored durably and was read and mapped | AA |\n| it could not be mapped | AE |\n"; break;
      case Acknowledge::After::delivered:
        out_ << ack.destination << " has answered | its own answer |\n| " << ack.destination << " has not answered within " << text(ack.within) << " | "
             << (ack.otherwise == "none" ? "none" : ack.otherwise) << " |\n";
    }
    out_ << "| it cannot be read, or lacks what every message must have | " << (ack.invalid == Verdict::error ? "AE" : "AR") << " |\n"
         << "| it is larger than allowed, or cannot be stored now | AR |\n";
    if (ack.after == Acknowledge::After::mapped) out_ << "| no destination wants it | " << ack.filtered << " |\n";
    if (ack.look_for_duplicates) {
      out_ << "| it was sent before (the same key within " << text(ack.window) << ") | the first answer again |\n| other content under a known key | "
           << (ack.other_content == Acknowledge::OtherContent::reject ? "AR" : "as for a new message") << " |\n";
    }
    if (!v2) return;
    out_ << "\nAE: the message has to be corrected before it is sent again. AR: it was refused, or there is trouble here; send it again later.\n";
    if (ack.mode == Acknowledge::Mode::original) out_ << "Original mode: MSH-15 and MSH-16 are passed over.\n";
    else out_ << (ack.mode == Acknowledge::Mode::enhanced ? "Enhanced mode, always: " : "Enhanced mode if MSH-15 or MSH-16 has a value: ")
              << "MSH-15 (AL, ER, SU, NE) says whether CA, CE or CR is sent, MSH-16\nwhether AA, AE or AR follows.\n";
    if (!ack.process_training) out_ << "Training messages (MSH-11 T) are answered and go nowhere.\n";
  }

  // ── samples ──
  void samples() {
    heading("Samples");
    out_ << "People and numbers are invented. The answers are what this channel gives.\n";
    for (const Sample& one : samples_for(channel_, structures_, version_)) {
      out_ << "\n### " << one.title << "\n```\n" << lines(one.message) << "```\n";
      const std::string answer = answer_to(one.message);
      if (answer.empty()) out_ << "No answer before " << channel_.acknowledge.destination << " has given its own.\n";
      else out_ << "Answer:\n```\n" << lines(answer) << "```\n";
    }
  }

  // As flow answers: what cannot be accepted at once; what is accepted when the channel says so.
  std::string answer_to(const std::string& message) const {
    int ids = 0;
    const World world{[] { return *from_iso8601("2026-01-02T03:04:06Z"); }, [&ids] { return "ANSWER" + std::to_string(++ids); }};
    const auto peek = channel_.format->peek(message, channel_.paths, channel_.reading);
    if (!peek) return said(reply_to(channel_, nullptr, message, no(channel_.acknowledge.invalid, peek.error()), world));
    Answer answer = yes();
    if (!peek->errors.empty()) {
      answer.verdict = channel_.acknowledge.invalid;
      answer.complaints = peek->errors;
    } else if (channel_.acknowledge.after == Acknowledge::After::delivered) {
      return "";
    } else if (channel_.acknowledge.after == Acknowledge::After::mapped) {
      Parcel parcel;
      parcel.sequence = 1;
      parcel.channel = channel_.name;
      parcel.received_at = world.now();
      parcel.bytes = message;
      answer = (*plan_.walk)(parcel, peek->order_keys, &*peek).answer;
    }
    return said(reply_to(channel_, &*peek, message, answer, world));
  }

  static std::string said(const Reply& reply) { return reply.bytes + reply.then; }

  // As people read it: a segment a line.
  static std::string lines(std::string text) {
    std::replace(text.begin(), text.end(), '\r', '\n');
    if (!text.ends_with('\n')) text += '\n';
    return text;
  }

  const Groundwork& ground_;
  const Channel& channel_;
  const Plan& plan_;
  std::ostream& out_;
  const int version_;
  std::vector<std::unique_ptr<const Maps>> maps_;
  std::map<std::string_view, const V2Structure*> structures_;   // that a map takes
};

}  // namespace

int document_command(const DocumentOptions& options, Desk& desk) {
  const Groundwork ground(find_channels(options.folder, options.site), desk.shipped);
  Shelves shelves;
  desk.stock(shelves, ground.dictionary, ground.schema);
  Diagnostics found;
  const Plans plans = load_plans(ground, shelves, process_environment(), found);
  if (found.failed()) {
    desk.err << found.print();
    return 1;
  }
  const auto plan = plans.find(options.channel);
  if (plan == plans.end()) {
    std::vector<std::string_view> names;
    for (const auto& [name, other] : plans) names.push_back(name);
    desk.err << "tombolo: no channel of " << options.folder << " is called '" << options.channel << "'" << suggestion(options.channel, names) << std::endl;
    return 1;
  }
  Writer(ground, *plan->second, desk.out).write();
  desk.out << std::flush;
  return 0;
}

}  // namespace tombolo
