// The examples do what they say: each channel runs in the real binary, gets its message from `tombolo send`, and what came out
// is what stands beside it. Ids that come from the store's own name are written alike on both sides before they are compared.
#include <catch2/catch.hpp>

#include <map>

#include "tests/support/engine.h"

using namespace tombolo::test;

namespace {

const std::filesystem::path examples = TOMBOLO_SOURCE_DIR "/examples";

// Sets a variable for the processes that are started while it lives.
class Variable {
 public:
  Variable(const std::string& name, const std::string& value) : name_(name) { setenv(name.c_str(), value.c_str(), 1); }
  ~Variable() { unsetenv(name_.c_str()); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  std::string name_;
};

// What follows `mark` on its line, once it is there.
std::string after(const Process& process, const std::string& mark) {
  std::string found;
  const bool came = eventually([&] {
    const std::string out = process.out();
    const std::size_t at = out.find(mark), end = out.find('\n', at);
    if (at != std::string::npos && end != std::string::npos) found = out.substr(at + mark.size(), end - at - mark.size());
    return !found.empty();
  });
  INFO(process.err());
  REQUIRE(came);
  return found;
}

struct Receiver {
  Receiver(const TempFolder& folder, const std::string& name, std::vector<std::string> options)
      : got(folder / (name + ".got")), process(words(got, std::move(options)), folder.path(), name) {
    address = after(process, "listening on ");
  }
  static std::vector<std::string> words(const std::filesystem::path& got, std::vector<std::string> options) {
    options.insert(options.begin(), {binary, "receive", "0", "--out", got.string()});
    return options;
  }
  std::filesystem::path got;
  Process process;
  std::string address;
};

// One example's channel in an engine of its own.
struct Engine {
  Engine(const TempFolder& folder, const std::string& example) : folder_(folder), example_(examples / example) {
    write_file(folder / "channels/channel.yaml", read_file(example_ / "channel.yaml"));
    for (const auto* of_the_site : {"mappings", "tables"})
      if (std::filesystem::exists(example_ / of_the_site)) std::filesystem::copy(example_ / of_the_site, folder / "channels" / of_the_site);
    process_ = std::make_unique<Process>(
        std::vector<std::string>{binary, "run", (folder / "channels").string(), "--store", store()}, folder.path(), "engine");
  }
  // Sends the example's message; what `tombolo send` printed.
  std::string send() {
    const std::string said = send({});
    CHECK(said.find("  lost 0") != std::string::npos);
    return said;
  }
  std::string send(std::vector<std::string> options) {
    options.insert(options.begin(), {binary, "send", after(*process_, "listens on "), (example_ / "message.hl7").string()});
    Process sending(std::move(options), folder_.path(), "send");
    sending.wait();
    return sending.out();
  }
  std::string find(std::vector<std::string> words = {}) {
    words.insert(words.begin(), {binary, "find", "--store", store()});
    Process finding(std::move(words), folder_.path(), "find");
    finding.wait();
    return finding.out();
  }
  bool delivers(int deliveries) {
    return eventually([&] { return find().find("delivered " + std::to_string(deliveries)) != std::string::npos; });
  }

 private:
  std::string store() const { return (folder_ / "store").string(); }
  const TempFolder& folder_;
  std::filesystem::path example_;
  std::unique_ptr<Process> process_;
};

// What stands in the files of a folder, without what the engine keeps beside them.
std::string lines_of(const std::filesystem::path& folder) {
  std::string lines;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    if (file.path().extension() == ".ndjson") lines += read_file(file.path());
  }
  return lines;
}

// JSON without the white space between its tokens.
std::string compact(std::string_view json) {
  std::string out;
  bool text = false, escaped = false;
  for (const char c : json) {
    if (text || (c != ' ' && c != '\n')) out += c;
    if (c == '"' && !escaped) text = !text;
    escaped = text && c == '\\' && !escaped;
  }
  return out;
}

bool is_uuid(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !std::isxdigit(static_cast<unsigned char>(text[i]))) return false;
  }
  return text.size() == 36;
}

// What `tombolo deidentify` puts in the place of an id.
bool is_token(std::string_view text) {
  return text.size() == 26 && text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == std::string_view::npos;
}

// Each UUID and each token becomes the number of its first appearance: what refers to what stays.
std::string numbered(const std::string& json) {
  std::map<std::string, std::size_t> numbers;
  std::string out;
  for (std::size_t i = 0; i < json.size();) {
    const std::size_t size = is_uuid(json.substr(i, 36)) ? 36 : is_token(json.substr(i, 26)) ? 26 : 0;
    if (size == 0) {
      out += json[i++];
      continue;
    }
    out += "id-" + std::to_string(numbers.emplace(json.substr(i, size), numbers.size()).first->second);
    i += size;
  }
  return out;
}

std::string mapped(const TempFolder& folder, const std::filesystem::path& message) {
  Process mapping({binary, "map", "hl7v2-to-fhir", message.string(), "--pretty"}, folder.path(), "map");
  CHECK(mapping.wait() == 0);
  return mapping.out();
}

}  // namespace

TEST_CASE("example 01 writes the admission into a file, as it came", "[examples]") {
  TempFolder folder;
  const Variable port("ADT_PORT", "0"), out("OUT", (folder / "out").string());
  Engine engine(folder, "01-mllp-to-file");
  CHECK(engine.send().starts_with("sent 1  AA 1 "));
  REQUIRE(engine.delivers(1));
  std::string lines = lines_of(folder / "out/archive");
  lines.replace(7, lines.find('-') - 7, "STORE");
  CHECK(lines == read_file(examples / "01-mllp-to-file/expected.ndjson"));
}

TEST_CASE("example 02 posts the admission as FHIR", "[examples]") {
  TempFolder folder;
  const Receiver records(folder, "records", {"--http"});
  const Variable port("ADT_FHIR_PORT", "0"), base("RECORDS_BASE", "http://" + records.address + "/fhir");
  Engine engine(folder, "02-adt-to-fhir");
  CHECK(engine.send().starts_with("sent 1  AA 1 "));
  REQUIRE(engine.delivers(1));
  const std::string expected = read_file(examples / "02-adt-to-fhir/expected.json");
  CHECK(mapped(folder, examples / "02-adt-to-fhir/message.hl7") == expected);
  CHECK(numbered(read_file(records.got)) == numbered(compact(expected)) + "\n");
}

TEST_CASE("example 03 gives the ward its message at once and the registry its Bundle at the third try", "[examples]") {
  TempFolder folder;
  Receiver ward(folder, "ward", {});
  Receiver registry(folder, "registry", {"--http", "--nack-first", "2"});
  const Variable port("LAB_PORT", "0"), base("REGISTRY_BASE", "http://" + registry.address + "/fhir");
  const Variable at("WARD_PORT", ward.address.substr(ward.address.rfind(':') + 1));
  Engine engine(folder, "03-lab-results");
  CHECK(engine.send().starts_with("sent 1  AA 1 "));
  REQUIRE(engine.delivers(2));
  CHECK(engine.find().find("  posted  AA  delivered 2") != std::string::npos);
  CHECK(read_file(ward.got) == read_file(examples / "03-lab-results/expected-ward.ndjson"));
  const std::string expected = read_file(examples / "03-lab-results/expected-registry.json");
  CHECK(mapped(folder, examples / "03-lab-results/message.hl7") == expected);
  CHECK(numbered(read_file(registry.got)) == numbered(compact(expected)) + "\n");
  registry.process.signal(SIGTERM);
  CHECK(registry.process.wait() == 0);
  CHECK(registry.process.out().find("received 3  repeats 2  201 1  503 2  cut 0") != std::string::npos);
}

TEST_CASE("example 03 sets aside for a person what the registry calls wrong", "[examples]") {
  TempFolder folder;
  const Receiver ward(folder, "ward", {});
  const Receiver registry(folder, "registry", {"--http", "--status", "422"});
  const Variable port("LAB_PORT", "0"), base("REGISTRY_BASE", "http://" + registry.address + "/fhir");
  const Variable at("WARD_PORT", ward.address.substr(ward.address.rfind(':') + 1));
  Engine engine(folder, "03-lab-results");
  engine.send();
  REQUIRE(eventually([&] { return !engine.find({"--fate", "dead"}).empty(); }));
  REQUIRE(engine.delivers(1));
  CHECK(engine.find({"--fate", "dead"}).find("  posted  AA  delivered 1  dead 1") != std::string::npos);
  CHECK(read_file(ward.got) == read_file(examples / "03-lab-results/expected-ward.ndjson"));
}

TEST_CASE("example 04 gives the study a result without whose it is", "[examples]") {
  TempFolder folder;
  const Variable port("RESEARCH_PORT", "0"), out("OUT", (folder / "out").string());
  const Variable key("TOMBOLO_SECRET_HEART_STUDY", "a lighthouse keeper counts gulls at dusk");
  Engine engine(folder, "04-research-feed");
  CHECK(engine.send().starts_with("sent 1  AA 1 "));
  REQUIRE(engine.delivers(1));
  std::string lines = lines_of(folder / "out/research");
  const std::string expected = read_file(examples / "04-research-feed/expected.json");
  CHECK(numbered(lines) == numbered(compact(expected)) + "\n");
}

TEST_CASE("example 05 gives the laboratory the edited admission and the archive the one that came", "[examples]") {
  TempFolder folder;
  const Receiver laboratory(folder, "laboratory", {});
  const Variable port("LABORATORY_PORT", laboratory.address.substr(laboratory.address.rfind(':') + 1));
  const Variable own("ADT_LAB_PORT", "0"), out("OUT", (folder / "out").string());
  Engine engine(folder, "05-v2-edit");
  CHECK(engine.send().find("AA 1") != std::string::npos);
  REQUIRE(engine.delivers(2));
  CHECK(read_file(laboratory.got) == read_file(examples / "05-v2-edit/expected-laboratory.ndjson"));
  CHECK(lines_of(folder / "out/laboratory-archive").find("700245^^^EASTWING^MR~~9911") != std::string::npos);
}

TEST_CASE("example 04 does not start without its key", "[examples]") {
  TempFolder folder;
  write_file(folder / "channels/channel.yaml", read_file(examples / "04-research-feed/channel.yaml"));
  Process engine({binary, "run", (folder / "channels").string(), "--store", (folder / "store").string()}, folder.path(), "engine");
  CHECK(engine.wait() == 1);
  CHECK(engine.err().find("error: there is no secret 'heart-study': looked for TOMBOLO_SECRET_HEART_STUDY") != std::string::npos);
}

TEST_CASE("example 06 takes a result from the laboratory's certificate, and not from the ward's", "[examples]") {
  TempFolder folder;
  Process making({(examples / "06-secure-line/certificates").string(), (folder / "tls").string()}, folder.path(), "certificates");
  REQUIRE(making.wait() == 0);
  const Variable port("SECURE_PORT", "0"), out("OUT", (folder / "out").string()), tls("TLS", (folder / "tls").string());
  Engine engine(folder, "06-secure-line");
  const auto as = [&](const std::string& name) {
    const std::string file = (folder / "tls" / name).string();
    return engine.send({"--ca", (folder / "tls/partners.pem").string(), "--certificate", file + ".pem", "--key", file + ".key"});
  };
  CHECK(as("lab").starts_with("sent 1  AA 1 "));
  REQUIRE(engine.delivers(1));
  CHECK(as("ward").starts_with("sent 1  AR 1 "));
  CHECK(engine.send({"--ca", (folder / "tls/partners.pem").string()}).find("AA") == std::string::npos);
}
