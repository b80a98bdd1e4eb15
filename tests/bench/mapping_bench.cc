// mapping_bench [MOST]: what a message costs from its bytes to FHIR JSON (parse, map, print), against what RapidJSON needs to parse
// that same JSON into a Document and write it again. Both take turns in one run, on one thread, warm. Twenty invented messages of
// about 2.4 KB. One line per type; exit 1 where the ratio is above MOST (1.65: the target of 1.5, and room for a busy machine).
// Then how long it takes to load and check the maps that ship; exit 1 above 165 ms.
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "engine/formats/fhir/print.h"
#include "engine/formats/hl7v2/hl7v2.h"
#include "engine/mapping/mapping.h"
#include "tests/bench/mapping_messages.h"

using namespace tombolo;

namespace {

std::size_t sink = 0;  // what is computed must be used

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// Microseconds a message, over so many rounds of all of them.
template <class Work>
double measure(const std::vector<std::string>& messages, int rounds, Work work) {
  const double begin = cpu_seconds();
  for (int i = 0; i < rounds; ++i)
    for (const auto& message : messages) sink += work(message);
  return (cpu_seconds() - begin) * 1e6 / (rounds * static_cast<double>(messages.size()));
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

// As a worker of the engine has it: everything is made once and used for message after message.
class Walk {
 public:
  Walk(const Maps& maps, Format& format) : maps_(maps), format_(format) { inputs_.message = "SENDER|1"; }

  const std::string& json(const std::string& bytes) {
    source_.clear(), bundle_.clear();
    source_arena_.clear(), arena_.clear();
    complaints_.clear();
    out_.clear();
    if (!format_.parse(bytes, {}, source_, complaints_)) std::abort();
    RunReport report;
    if (!maps_.run(*maps_.for_message(source_), source_, inputs_, bundle_, report)) std::abort();
    append_fhir(out_, bundle_, maps_.schema(), bundle_.root(), 0);
    return out_;
  }

 private:
  const Maps& maps_;
  Format& format_;
  RunInputs inputs_;
  Arena source_arena_, arena_;
  Tree source_{source_arena_}, bundle_{arena_};
  std::vector<Complaint> complaints_;
  std::string out_;
};

std::size_t parse_and_write(const std::string& json) {
  rapidjson::Document document;
  document.Parse(json.data(), json.size());
  rapidjson::StringBuffer text;
  rapidjson::Writer<rapidjson::StringBuffer> writer(text);
  document.Accept(writer);
  return text.GetSize();
}

double compare(const char* what, const std::vector<std::string>& messages, Walk& walk) {
  std::vector<std::string> results;
  std::size_t in = 0, out = 0;
  for (const auto& message : messages) {
    results.push_back(walk.json(message));
    in += message.size(), out += results.back().size();
  }
  std::vector<double> ours, theirs, ratios;
  for (int turn = 0; turn < 15; ++turn) {
    ours.push_back(measure(messages, 40, [&](const std::string& bytes) { return walk.json(bytes).size(); }));
    theirs.push_back(measure(results, 40, parse_and_write));
    ratios.push_back(ours.back() / theirs.back());
  }
  std::printf("%-8s %zu messages of %zu bytes to JSON of %zu: %6.2f us, RapidJSON %6.2f us, ratio %.2f\n", what, messages.size(), in / messages.size(),
              out / messages.size(), median(ours), median(theirs), median(ratios));
  return median(ratios);
}

}  // namespace

int main(int count, char** words) {
  const double most = count > 1 ? std::atof(words[1]) : 1.65;
  const Library library;
  const V2Dictionary dictionary(library);
  const FhirSchema schema(library);
  std::vector<double> loading;
  std::unique_ptr<const Maps> maps;
  for (int turn = 0; turn < 5; ++turn) {
    Diagnostics diagnostics;
    const double begin = cpu_seconds();
    maps = Maps::load(library, dictionary, schema, {"hl7v2-to-fhir"}, diagnostics);
    loading.push_back((cpu_seconds() - begin) * 1e3);
    if (diagnostics.failed()) return std::fprintf(stderr, "%s", diagnostics.print().c_str()), 3;
  }
  const auto format = hl7v2_format(dictionary);
  Walk walk(*maps, *format);
  const double adt = compare("ADT_A01", bench::admissions(), walk);
  const double oru = compare("ORU_R01", bench::results(), walk);
  std::printf("maps     loaded and checked in %.1f ms\n", median(loading));
  if (sink == 0) return 3;
  return adt > most || oru > most || median(loading) > 165 ? 1 : 0;
}
