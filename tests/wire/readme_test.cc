// READMEs stay true: every command in a ```console block is run, and what it prints is what stands there. A line "…" stands for
// any lines, "…" inside a line for any text; a line of output that begins with "$ " is written "$$ ".
#include <catch2/catch.hpp>

#include <array>
#include <cstdio>
#include <sstream>

#include "tests/support/engine.h"

using namespace tombolo::test;

namespace {

struct Command {
  std::string file, line;
  std::vector<std::string> expected;
};

std::vector<Command> commands_of(const std::filesystem::path& file) {
  std::vector<Command> commands;
  std::istringstream text(read_file(file));
  bool console = false;
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with("```")) console = line == "```console";
    else if (console && line.starts_with("$ ")) commands.push_back({file.string(), line.substr(2), {}});
    else if (console && !commands.empty()) commands.back().expected.push_back(line.starts_with("$$") ? line.substr(1) : line);
  }
  return commands;
}

std::vector<std::string> output_of(const std::string& line) {
  const std::string whole = "cd '" TOMBOLO_SOURCE_DIR "' && PATH='" TOMBOLO_BINARY_DIR "':$PATH && " + line + " 2>&1";
  FILE* pipe = popen(whole.c_str(), "r");
  REQUIRE(pipe);
  std::string out;
  std::array<char, 4096> part;
  for (std::size_t n; (n = fread(part.data(), 1, part.size(), pipe)) > 0;) out.append(part.data(), n);
  pclose(pipe);
  std::vector<std::string> lines;
  std::istringstream text(out);
  for (std::string one; std::getline(text, one);) lines.push_back(one);
  return lines;
}

const std::string any = "…";

bool fits(std::string_view pattern, std::string_view found) {
  const std::size_t at = pattern.find(any);
  if (at == std::string_view::npos) return pattern == found;
  if (!found.starts_with(pattern.substr(0, at))) return false;
  const std::string_view rest = pattern.substr(at + any.size());
  for (std::size_t from = at; from <= found.size(); ++from) {
    if (fits(rest, found.substr(from))) return true;
  }
  return false;
}

bool fits(const std::vector<std::string>& pattern, std::size_t p, const std::vector<std::string>& found, std::size_t f) {
  if (p == pattern.size()) return f == found.size();
  if (pattern[p] == any) return fits(pattern, p + 1, found, f) || (f < found.size() && fits(pattern, p, found, f + 1));
  return f < found.size() && fits(pattern[p], found[f]) && fits(pattern, p + 1, found, f + 1);
}

}  // namespace

TEST_CASE("every command shown in a README prints what the README says", "[readme]") {
  std::size_t run = 0;
  const std::filesystem::path root = TOMBOLO_SOURCE_DIR;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    const std::string path = entry.path().lexically_relative(root).string();
    if (entry.path().filename() != "README.md" || path.starts_with("build") || path.starts_with(".")) continue;
    for (const auto& command : commands_of(entry.path())) {
      const auto found = output_of(command.line);
      std::string all;
      for (const auto& line : found) all += line + "\n";
      INFO(command.file << ": " << command.line << "\nprinted:\n" << all);
      CHECK(fits(command.expected, 0, found, 0));
      ++run;
    }
  }
  CHECK(run >= 4);
}
