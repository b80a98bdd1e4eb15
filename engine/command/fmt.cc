// tombolo fmt: lays out map files. Exit: 0; with --check 1 if a file is laid out otherwise; 1 if a file does not parse; 3 it cannot be
// read or written.
#include <CLI/CLI.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <stdexcept>

#include "engine/base/files.h"
#include "engine/command/command.h"
#include "engine/mapping/language/layout.h"
#include "engine/mapping/language/parse.h"

namespace tombolo {
namespace {

namespace fs = std::filesystem;

// Nothing, and what is wrong goes to `diagnostics`, if the text does not parse.
std::optional<std::string> laid_out(const std::string& name, const std::string& text, Diagnostics& diagnostics) {
  Diagnostics found;
  const mapping::Source source(name, text);
  mapping::parse_map_file(source, found);
  const bool failed = found.failed();
  diagnostics.append(found);
  if (failed) return std::nullopt;
  return mapping::lay_out(text);
}

std::vector<fs::path> map_files(const std::string& path) {
  if (fs::is_regular_file(path)) return {path};
  if (!fs::is_directory(path)) throw std::runtime_error("cannot read " + path);
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(path))
    if (entry.is_regular_file() && entry.path().extension() == ".map") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

// Whole or not at all: beside it first, then in its place.
void replace(const fs::path& file, const std::string& text) {
  const fs::path beside = file.string() + ".new";
  std::ofstream to(beside, std::ios::binary | std::ios::trunc);
  if (!(to << text) || !to.flush()) throw std::runtime_error("cannot write " + beside.string());
  to.close();
  fs::rename(beside, file);
}

int fmt(const std::vector<std::string>& paths, bool check, Desk& desk) {
  Diagnostics diagnostics;
  bool other = false;
  for (const auto& path : paths) {
    for (const auto& file : map_files(path)) {
      const auto text = read_file(file);
      const auto laid = laid_out(file.string(), text, diagnostics);
      if (!laid || *laid == text) continue;
      other = true;
      desk.out << file.string() << std::endl;
      if (!check) replace(file, *laid);
    }
  }
  desk.err << diagnostics.print();
  return diagnostics.failed() || (check && other) ? 1 : 0;
}

int fmt_input(Desk& desk) {
  const std::string text(std::istreambuf_iterator<char>(std::cin), {});
  Diagnostics diagnostics;
  const auto laid = laid_out("-", text, diagnostics);
  desk.err << diagnostics.print();
  desk.out << (laid ? *laid : text) << std::flush;
  return laid ? 0 : 1;
}

}  // namespace

void add_fmt(CLI::App& app, Desk& desk) {
  struct Options {
    std::vector<std::string> paths{"."};
    bool check = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("fmt", "lays out map files: indentation, arrows in a column; tells which it changed");
  command->add_option("PATH", options->paths, "map files, or folders; - reads from standard input and prints (default: where you stand)");
  command->add_flag("--check", options->check, "change nothing; fail if a file is laid out otherwise");
  command->callback([options, &desk] {
    desk.status = options->paths == std::vector<std::string>{"-"} ? fmt_input(desk) : fmt(options->paths, options->check, desk);
  });
}

}  // namespace tombolo
