// Canaries: a message in which every field of every segment of its structure holds something that stands nowhere else, sent through
// the research feed of examples/04. What names people and places, every date and every free text must not come out, in no
// spelling, nor stand in logs or file names; codes come out as codes only, numbers as numbers only; what belongs together still does.
#include <catch2/catch.hpp>

#include <algorithm>
#include <iterator>
#include <set>

#include "engine/base/library.h"
#include "engine/schema/hl7v2.h"
#include "tests/support/engine.h"

using namespace tombolo;
using namespace tombolo::test;

namespace {

const V2Dictionary& dictionary() {
  static const Library library;
  static const V2Dictionary loaded(library);
  return loaded;
}

// The n-th day: 370 days from one to the next, so that no shift of up to 180 days makes one out of another.
std::string day(int n) {
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::year{1850} / 1 / 7} + std::chrono::days{370 * n}};
  char text[16];
  std::snprintf(text, sizeof text, "%04d%02u%02u", static_cast<int>(date.year()), static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return text;
}

// A message is planted field by field from the dictionary; what was planted is remembered by kind.
class Planted {
 public:
  Planted(const std::string& structure, const std::string& type, const std::string& control) : control_(control) {
    header(type);
    for (const auto& item : dictionary().structure(structure)->items) {
      if (item.segment == nullptr || item.segment->name == "MSH" || item.segment->name == "DSC") continue;
      if (item.segment->name == "OBX") observations(*item.segment);
      else if (item.segment->name == "ADD" || item.segment->name == "SFT" || item.segment->fields.empty()) continue;
      else segment(*item.segment);
    }
    message += "ZPI|1|" + text() + "|" + date() + "^" + text() + "|" + number() + "\r";
  }

  std::string message;
  std::set<std::string> dates;         // texts are Quayle…vane, codes KX8…Z, numbers 90180…
  std::set<std::string> results;       // of OBX-5: these must come out

 private:
  std::string text() { return "Quayle" + std::to_string(++count_) + "vane"; }
  std::string code() { return "KX8" + std::to_string(++count_) + "Z"; }
  std::string number() { return "90180" + std::to_string(10000 + ++count_); }
  std::string date() { return *dates.insert(day(++days_)).first; }

  // A value of this type. level: the delimiter between the parts of what is planted here.
  std::string value(const V2Type& type, int level) {
    if (type.primitive) return leaf(type);
    const bool is_code = type.name == "CWE" || type.name == "CE";
    if (level > 1) return is_code ? code() : text();   // deeper than HL7 can write: the first part stands for the whole
    std::string out;
    for (const auto& part : type.components) {
      if (part.number > 1) out += level == 0 ? '^' : '&';
      const bool coded = is_code && (part.number == 1 || part.number == 4 || part.number == 10);
      out += coded ? code() : value(*part.type, level + 1);
    }
    return out;
  }

  std::string leaf(const V2Type& type) {
    if (type.name == "ID" || type.name == "IS") return code();
    if (type.name == "NM" || type.name == "SI") return number();
    if (type.name == "DT") return date();
    if (type.name == "DTM" || type.name == "TS") return date() + "101112+0000";
    if (type.name == "TM") return "0315";
    return text();
  }

  void segment(const V2Segment& segment) {
    message += segment.name;
    for (const auto& field : segment.fields) {
      message += '|' + value(*field.type, 0);
      if (field.repeats()) message += '~' + value(*field.type, 0);
    }
    message += '\r';
  }

  // MSH-1, 2, 9, 11, 12 are what they must be; 15, 16, 18 and 20 would change how the message is answered and read.
  void header(const std::string& type) {
    message = "MSH|^~\\&";
    for (const auto& field : dictionary().segment("MSH")->fields) {
      if (field.number < 3) continue;
      message += '|';
      switch (field.number) {
        case 9: message += type; break;
        case 10: message += control_; break;
        case 11: message += "P"; break;
        case 12: message += "2.5.1"; break;
        case 13: case 15: case 16: case 17: case 18: case 20: break;
        default: message += value(*field.type, 0);
      }
    }
    message += '\r';
  }

  // One per type that a result can have, the same fields in each.
  void observations(const V2Segment& segment) {
    for (const std::string type : {"NM", "ST", "TX", "FT", "CWE", "DT", "DTM", "TM", "SN", "XPN", "CX", "XAD", "XTN", "ED", "XCN", "HD"}) {
      message += segment.name;
      for (const auto& field : segment.fields) {
        message += '|';
        if (field.number == 2) message += type;
        else if (field.number == 5) message += result(type);
        else if (field.number == 11) message += "F";
        else message += value(*field.type, 0);
      }
      message += '\r';
    }
  }

  std::string result(const std::string& type) {
    const V2Type* known = dictionary().type(type);
    if (type == "NM") return *results.insert(std::to_string(7000 + ++count_) + ".25").first;
    return known == nullptr ? text() : value(*known, 0);
  }

  const std::string control_;
  int count_ = 0, days_ = 0;
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Every date in a text, as YYYYMMDD: from any eight digits in a row, and from YYYY-MM-DD.
std::set<std::string> dates_in(const std::string& text) {
  std::set<std::string> found;
  for (std::size_t i = 0; i + 8 <= text.size(); ++i) {
    const std::string_view plain = std::string_view(text).substr(i, 8), dashed = std::string_view(text).substr(i, 10);
    if (std::all_of(plain.begin(), plain.end(), is_digit)) found.emplace(plain);
    if (dashed.size() < 10 || dashed[4] != '-' || dashed[7] != '-') continue;
    std::string date(dashed);
    date.erase(7, 1).erase(4, 1);
    if (std::all_of(date.begin(), date.end(), is_digit)) found.insert(date);
  }
  return found;
}

// Planted dates that stand in a text.
std::vector<std::string> common(const std::set<std::string>& planted, const std::string& text) {
  const auto found = dates_in(text);
  std::vector<std::string> both;
  std::set_intersection(planted.begin(), planted.end(), found.begin(), found.end(), std::back_inserter(both));
  return both;
}

// The surroundings of each place of `stem` in JSON that is not the whole value of "code" (for codes), or a number without quotes.
std::vector<std::string> misplaced(const std::string& json, const std::string& stem, const std::string& before) {
  std::vector<std::string> places;
  for (std::size_t at = json.find(stem); at != std::string::npos; at = json.find(stem, at + 1)) {
    const bool placed = at >= before.size() && json.compare(at - before.size(), before.size(), before) == 0;
    if (!placed) places.push_back(json.substr(at < 100 ? 0 : at - 100, 200));
  }
  return places;
}

// How many different planted values of this shape stand in a text.
std::size_t different(const std::string& text, const std::string& stem) {
  std::set<std::string> found;
  for (std::size_t at = text.find(stem); at != std::string::npos; at = text.find(stem, at + 1)) {
    found.insert(text.substr(at, text.find_first_not_of("0123456789", at + stem.size()) - at));
  }
  return found.size();
}

// Everything that the engine wrote to its standard streams and the names of all files, but not the store, which keeps the message.
class Feed {
 public:
  Feed() {
    setenv("RESEARCH_PORT", "0", 1);
    setenv("OUT", (folder_ / "out").c_str(), 1);
    setenv("TOMBOLO_SECRET_HEART_STUDY", "a lighthouse keeper counts gulls at dusk", 1);
    write_file(folder_ / "channels/channel.yaml", read_file(TOMBOLO_SOURCE_DIR "/examples/04-research-feed/channel.yaml"));
    engine_ = std::make_unique<Process>(std::vector<std::string>{binary, "run", (folder_ / "channels").string(), "--store", (folder_ / "store").string(), "--level", "debug"},
                                        folder_.path(), "engine");
    const bool up = eventually([&] { return engine_->out().find("listens on 127.0.0.1:") != std::string::npos && engine_->out().ends_with('\n'); });
    INFO(engine_->err());
    REQUIRE(up);
    const std::string out = engine_->out();
    port_ = static_cast<std::uint16_t>(std::stoi(out.substr(out.find("127.0.0.1:") + 10)));
  }
  ~Feed() {
    for (const auto* name : {"RESEARCH_PORT", "OUT", "TOMBOLO_SECRET_HEART_STUDY"}) unsetenv(name);
  }

  // The line that the study gets.
  std::string operator()(const std::string& message) {
    Line line;
    REQUIRE(line.connect(port_));
    REQUIRE(line.send_frame(message));
    const auto answer = line.frame();
    INFO((answer ? *answer : "no answer"));
    REQUIRE(answer);
    REQUIRE(field(*answer, "MSA", 1) == "AA");
    std::string lines;
    REQUIRE(eventually([&] {
      lines.clear();
      if (!std::filesystem::is_directory(folder_ / "out")) return false;
      for (const auto& file : std::filesystem::recursive_directory_iterator(folder_ / "out")) {
        if (file.is_regular_file()) lines += read_file(file.path());
      }
      return lines.size() > seen_ && lines.ends_with('\n');
    }));
    const std::string fresh = lines.substr(seen_);
    seen_ = lines.size();
    return fresh;
  }

  std::string surroundings() const {
    std::string all = engine_->out() + engine_->err();
    for (const auto& file : std::filesystem::recursive_directory_iterator(folder_.path())) all += file.path().string() + "\n";
    return all;
  }

 private:
  TempFolder folder_;
  std::unique_ptr<Process> engine_;
  std::uint16_t port_ = 0;
  std::size_t seen_ = 0;
};

std::string mapped(const std::string& message) {
  TempFolder folder;
  write_file(folder / "message.hl7", message);
  Process mapping({binary, "map", "hl7v2-to-fhir", (folder / "message.hl7").string()}, folder.path(), "map");
  CHECK(mapping.wait() == 0);
  return mapping.out();
}

using None = std::vector<std::string>;

void check_nothing_leaks(const Planted& planted, const std::string& out, const std::string& around) {
  CHECK(misplaced(out, "Quayle", "never") == None{});
  CHECK(misplaced(out, "vane", "never") == None{});
  CHECK(misplaced(out, "KX8", "\"code\":\"") == None{});
  CHECK(misplaced(out, "90180", ":") == None{});          // a number where a number is due, not in a text
  CHECK(common(planted.dates, out) == None{});
  for (const auto* stem : {"Quayle", "vane", "KX8", "90180"}) CHECK(misplaced(around, stem, "never") == None{});
  CHECK(common(planted.dates, around) == None{});
}

// Something refers to a resource of this type, and every reference to one leads to an entry.
void check_tied(const std::string& out, const std::string& type) {
  const std::string mark = "\"reference\":\"" + type + "/";
  INFO(type);
  std::size_t references = 0;
  for (std::size_t at = out.find(mark); at != std::string::npos; at = out.find(mark, at + 1)) {
    ++references;
    const std::string id = out.substr(at + mark.size(), 26);
    CHECK(out.find("\"resourceType\":\"" + type + "\",\"id\":\"" + id + "\"") != std::string::npos);
  }
  CHECK(references > 0);
}

}  // namespace

TEST_CASE("of an admission whose every field is planted nothing comes out that names, places or dates anybody", "[canary]") {
  const Planted planted("ADT_A01", "ADT^A01^ADT_A01", "QuayleControlvane");
  const std::string before = mapped(planted.message);
  CHECK(different(before, "Quayle") > 100);   // else there would be nothing to take out
  CHECK(different(before, "KX") > 30);
  CHECK(common(planted.dates, before).size() > 20);
  Feed feed;
  const std::string out = feed(planted.message);
  check_nothing_leaks(planted, out, feed.surroundings());
  check_tied(out, "Patient");
  check_tied(out, "Encounter");
  CHECK(different(out, "KX") > 20);
}

TEST_CASE("of a result whose every field is planted the codes, the number and the links come out", "[canary]") {
  const Planted planted("ORU_R01", "ORU^R01^ORU_R01", "QuayleControlvane");
  const std::string before = mapped(planted.message);
  CHECK(different(before, "Quayle") > 100);
  Feed feed;
  const std::string out = feed(planted.message);
  check_nothing_leaks(planted, out, feed.surroundings());
  check_tied(out, "Patient");
  check_tied(out, "Encounter");
  check_tied(out, "Observation");
  CHECK(different(out, "KX") > 20);
  REQUIRE_FALSE(planted.results.empty());
  for (const auto& result : planted.results) CHECK(out.find("\"value\":" + result) != std::string::npos);
}
