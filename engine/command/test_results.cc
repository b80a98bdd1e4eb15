// How the results of `tombolo test` are told: to people, as JSON, as JUnit's XML.
#include <algorithm>
#include <map>
#include <ostream>

#include "engine/base/json.h"
#include "engine/base/text.h"
#include "engine/command/coverage.h"
#include "engine/command/test.h"

namespace tombolo {
namespace {

std::string one_line(std::string_view text) {
  std::string out;
  for (const auto line : split(text, '\n')) out += (out.empty() ? "" : " ") + std::string(trim(line));
  return out;
}

void print_indented(std::ostream& out, std::string_view text) {
  for (const auto line : split(text, '\n')) out << "    " << line << "\n";
}

std::string xml(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '<') out += "&lt;";
    else if (c == '>') out += "&gt;";
    else if (c == '&') out += "&amp;";
    else if (c == '"') out += "&quot;";
    else if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t') out += c;  // XML 1.0 has no other controls
  }
  return out;
}

}  // namespace

std::size_t TestResults::passed() const {
  return static_cast<std::size_t>(std::count_if(tests.begin(), tests.end(), [](const TestResult& t) { return t.failures.empty(); }));
}

void print_results(const TestResults& results, std::ostream& out) {
  for (const auto& line : results.approved) out << line << "\n";
  for (const auto& line : results.unread) out << line << "\n";
  for (const auto& test : results.tests) {
    if (test.failures.empty()) continue;
    out << text(test.name.place) << ": failed: " << test.name.text << "\n";
    for (const auto& f : test.failures) {
      if (!f.said.empty()) out << "  " << text(f.place) << ": " << one_line(f.said) << "\n";
      print_indented(out, f.found);
    }
  }
}

void print_results_json(const TestResults& results, bool coverage, std::ostream& out) {
  std::string made;
  JsonWriter json(made);
  json.begin_object();
  json.member("passed", static_cast<std::int64_t>(results.passed()));
  json.member("failed", static_cast<std::int64_t>(results.failed()));
  json.key("tests"), json.begin_array();
  for (const auto& test : results.tests) {
    json.begin_object();
    json.member("file", test.file), json.member("line", static_cast<std::int64_t>(test.name.place.line));
    json.member("test", test.name.text), json.member("passed", test.failures.empty());
    json.key("failures"), json.begin_array();
    for (const auto& f : test.failures) {
      json.begin_object();
      json.member("line", static_cast<std::int64_t>(f.place.line)), json.member("column", static_cast<std::int64_t>(f.place.column));
      json.member("said", f.said), json.member("found", f.found);
      json.end_object();
    }
    json.end_array(), json.end_object();
  }
  json.end_array();
  json.key("approved"), json.begin_array();
  for (const auto& line : results.approved) json.string(line);
  json.end_array();
  json.key("unread"), json.begin_array();
  for (const auto& line : results.unread) json.string(line);
  json.end_array();
  if (coverage) {
    print_rules_json(results.files, json);
    print_fields_json(results.fields.fields(), json);
  }
  json.end_object();
  out << made << std::endl;
}

std::string junit(const TestResults& results) {
  std::map<std::string, std::vector<const TestResult*>> suites;
  for (const auto& test : results.tests) suites[test.file].push_back(&test);
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
  for (const auto& [file, tests] : suites) {
    const auto failed = std::count_if(tests.begin(), tests.end(), [](const TestResult* t) { return !t->failures.empty(); });
    out += "  <testsuite name=\"" + xml(file) + "\" tests=\"" + std::to_string(tests.size()) + "\" failures=\"" + std::to_string(failed) + "\">\n";
    for (const auto* test : tests) {
      out += "    <testcase classname=\"" + xml(file) + "\" name=\"" + xml(test->name.text) + "\" line=\"" + std::to_string(test->name.place.line) + "\"";
      out += test->failures.empty() ? "/>\n" : ">\n";
      for (const auto& f : test->failures)
        out += "      <failure message=\"" + xml(f.said.empty() ? f.found : one_line(f.said)) + "\">" + xml(text(f.place) + "\n" + f.found) + "</failure>\n";
      if (!test->failures.empty()) out += "    </testcase>\n";
    }
    out += "  </testsuite>\n";
  }
  return out + "</testsuites>\n";
}

}  // namespace tombolo
