#include "engine/mapping/trial/suite.h"

#include <algorithm>
#include <stdexcept>

#include "engine/base/files.h"
#include "engine/base/settings.h"
#include "engine/base/text.h"

namespace tombolo::trial {
namespace {

// A quoted text begins behind its quote.
Place text_place(const Setting& setting) {
  Place place = setting.place;
  if (setting.quoted) ++place.column;
  return place;
}

std::optional<std::vector<Said>> list(Reader& reader, std::string_view key) {
  const Setting* const found = reader.raw(key);
  if (found == nullptr) return std::nullopt;
  std::vector<Said> all;
  if (found->shape == Setting::Shape::scalar) all.push_back({found->text, text_place(*found)});
  else if (found->shape == Setting::Shape::map) reader.error(key, "expected a list for '" + std::string(key) + "', found a map");
  for (const auto& item : found->items) {
    if (item.shape != Setting::Shape::scalar) reader.diagnostics().error(item.place, "expected a plain text; one with ': ' in it needs quotes");
    else if (trim(item.text).empty()) reader.diagnostics().error(item.place, "nothing stands here");
    else all.push_back({item.text, text_place(item)});
  }
  return all;
}

// Lines become segments.
std::string segments(std::string_view lines) {
  std::string out;
  for (const auto line : split(lines, '\n'))
    if (!trim(line).empty()) out.append(line.ends_with('\r') ? line.substr(0, line.size() - 1) : line).append("\r");
  return out;
}

std::string header(Reader& reader) {
  return "MSH|^~\\&|TEST|NORTH|TOMBOLO|HOUSE|20260102030405+0000||" + reader.text("as", "ADT^A01^ADT_A01") + "|T1|P|" +
         reader.text("version", "2.5.1") + "\r";
}

// What belongs to a test of a Bundle that becomes a message.
void read_kind(Reader& reader, Case& made) {
  made.kind.type = reader.text("to", "");
  made.kind.version = reader.text("version", made.kind.version);
  made.id = reader.text("id", "");
  const auto at = reader.text("at", "");
  const auto time = from_iso8601(at);
  if (time) made.received = *time;
  else if (!at.empty()) reader.error("at", "expected a time such as 2026-01-31T09:45:00Z, found '" + at + "'");
  for (const auto* key : {"as", "zone"})
    if (reader.has(key)) reader.error(key, "'" + std::string(key) + "' is about HL7 v2, and this test's source is FHIR");
  (void)reader.raw("as"), (void)reader.raw("zone");
}

void read_bytes(Reader& reader, const std::filesystem::path& folder, Case& made) {
  const auto name = reader.required("file");
  try {
    if (!name.empty()) made.message = read_file(folder / name);
  } catch (const std::runtime_error& failure) {
    reader.error("file", failure.what());
  }
}

void read_message(Reader& reader, const std::filesystem::path& folder, Case& made) {
  const bool whole = reader.has("message"), part = reader.has("segments"), file = reader.has("file"), bundle = reader.has("bundle");
  if (whole + part + file + bundle != 1)
    return reader.diagnostics().error(reader.place(), "a test has one of `message`, `segments`, `bundle` and `file`");
  const auto named = file ? reader.raw("file")->text : std::string();
  if (bundle || named.ends_with(".json") || named.ends_with(".xml")) {
    made.bundle = true;
    if (bundle) made.message = reader.required("bundle");
    else read_bytes(reader, folder, made);
    return read_kind(reader, made);
  }
  for (const auto* key : {"to", "at", "id"})
    if (reader.has(key)) reader.error(key, "'" + std::string(key) + "' belongs to a `bundle` that becomes HL7 v2");
  for (const auto* key : {"to", "at", "id"}) (void)reader.raw(key);
  if (part) {
    made.fragment = true;
    const auto lines = reader.required("segments");
    if (trim(lines).starts_with("MSH")) reader.error("segments", "the MSH of `segments` is made for you; a message with its own is a `message`");
    made.message = header(reader) + segments(lines);
    return;
  }
  for (const auto* key : {"as", "version"})
    if (reader.has(key)) reader.error(key, "'" + std::string(key) + "' belongs to `segments`; a whole message says it itself");
  (void)reader.raw("as"), (void)reader.raw("version");
  if (whole) {
    made.message = segments(reader.required("message"));
    if (!made.message.empty() && !trim(made.message).starts_with("MSH")) reader.error("message", "a message begins with MSH; a part of one is `segments`");
    return;
  }
  read_bytes(reader, folder, made);
}

void read_signature(Reader& reader, Case& made) {
  if (!made.golden) return reader.error("signed", "a golden is signed, and this test has none");
  const auto said = reader.required("signed");
  const auto parts = split(said, ',');
  const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  const auto of = parts.size() == 3 ? trim(parts[2]) : std::string_view();
  if (of.size() != 8 || !std::all_of(of.begin(), of.end(), is_hex))
    return reader.error("signed", "expected `NAME, DATE, ` and the first 8 hex digits of the golden's SHA-256, found '" + said + "'");
  made.signature = Signature{std::string(trim(parts[0])) + ", " + std::string(trim(parts[1])), std::string(of), reader.place("signed")};
}

Case read_case(const Setting& setting, const std::filesystem::path& folder, Diagnostics& diagnostics) {
  Reader reader(setting, "a test", diagnostics);
  Case made;
  made.name = {reader.required("test"), reader.place("test")};
  read_message(reader, folder, made);
  if (const auto zone = reader.text("zone"); !zone.empty()) {
    made.zone = Zone::find(zone);
    if (!made.zone) reader.error("zone", "expected +hh:mm, -hh:mm or a place such as Europe/Berlin, found '" + zone + "'");
  }
  made.expect = list(reader, "expect").value_or(std::vector<Said>());
  made.diagnostics = list(reader, "diagnostics");
  made.unmapped = list(reader, "unmapped");
  made.absent = list(reader, "absent").value_or(std::vector<Said>());
  if (reader.has("golden")) made.golden = Said{reader.required("golden"), reader.place("golden")};
  if (reader.has("signed")) read_signature(reader, made);
  if (reader.has("edit")) {
    if (made.bundle) reader.error("edit", "an edit changes HL7 v2, and this test's source is FHIR");
    made.edit = reader.texts("edit");
    if (made.edit.empty()) reader.error("edit", "expected the layer with the edit, or LAYER/NAME");
    for (const auto* key : {"unmapped", "zone"})
      if (reader.has(key)) reader.error(key, "'" + std::string(key) + "' belongs to a map, and this test is of an edit");
  }
  reader.finish();
  if (made.expect.empty() && !made.diagnostics && !made.unmapped && made.absent.empty() && !made.golden)
    diagnostics.error(setting.place, "this test expects nothing: it cannot fail");
  return made;
}

void check_names(const std::vector<Case>& cases, Diagnostics& diagnostics) {
  for (auto a = cases.begin(); a != cases.end(); ++a)
    if (!a->name.text.empty() && std::any_of(cases.begin(), a, [&](const Case& b) { return b.name.text == a->name.text; }))
      diagnostics.error(a->name.place, "a test of this name stands above");
}

}  // namespace

Suite read_suite(const std::filesystem::path& file, const std::string& name, Diagnostics& diagnostics) {
  Suite suite;
  suite.file = file;
  suite.text = read_file(file);
  suite.place = {name, 1, 1};
  Diagnostics found;
  const auto setting = parse_settings(name, suite.text, [](std::string_view) { return std::nullopt; }, found);
  Reader reader(setting, "a test file", found);
  suite.layers = reader.texts("layers");
  if (reader.has("layers")) suite.place = reader.place("layers");
  const auto& tests = reader.nested("tests");
  if (tests.shape != Setting::Shape::list) found.error(reader.place("tests"), "expected `tests:` with a list of tests");
  for (const auto& item : tests.items) suite.cases.push_back(read_case(item, file.parent_path(), found));
  reader.finish();
  check_names(suite.cases, found);
  found.quote(name, suite.text);
  diagnostics.append(found);
  return suite;
}

}  // namespace tombolo::trial
