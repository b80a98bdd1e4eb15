// tombolo test: the tests beside the maps. Exit: 0, 1 if a test failed, a file is wrong or too few rules fired, 2 wrong usage,
// 3 a file could not be read or written.
#pragma once

#include <filesystem>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "engine/mapping/trial/suite.h"
#include "engine/mapping/trial/tally.h"
#include "engine/mapping/trial/trial.h"

namespace CLI {
class App;
}

namespace tombolo {

struct Desk;

struct TestOptions {
  std::string path = ".";            // a file, or a folder: every *.test.yaml below it
  std::string shipped;
  bool approve = false;              // write goldens
  bool coverage = false;             // tell which rules fired and which fields are mapped
  bool json = false;
  std::string junit;                 // a file that gets the results as JUnit's XML
  std::optional<double> rules;       // 0 … 1: the least share of rules that must fire
};

int test_command(const TestOptions& options, std::ostream& out, std::ostream& err);
void add_test(CLI::App& app, Desk& desk);

// What came of one test, and what is told of all.
struct TestResult {
  std::string file;                  // as people are shown it
  trial::Said name;
  std::vector<trial::Failure> failures;
};

struct TestResults {
  std::vector<TestResult> tests;
  std::vector<std::string> approved;           // goldens that were written: "new …", "changed …"
  std::vector<std::string> unread;             // goldens that changed since somebody signed them
  trial::RuleTally rules;
  trial::FieldTally fields;
  std::vector<trial::RuleTally::File> files;   // of `rules`, those that the path covers
  std::size_t passed() const;
  std::size_t failed() const { return tests.size() - passed(); }
};

void print_results(const TestResults& results, std::ostream& out);
void print_results_json(const TestResults& results, bool coverage, std::ostream& out);
std::string junit(const TestResults& results);

}  // namespace tombolo
