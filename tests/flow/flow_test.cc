// One channel whole: real sockets, a real store, a real file; only the moment of failure is chosen.
#include "engine/flow/flow.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <catch2/catch.hpp>

#include <future>
#include <set>

#include "engine/plugs.h"
#include "tests/support/breaking_store.h"
#include "tests/support/engine.h"

using namespace tombolo;
using namespace tombolo::test;
using namespace std::chrono_literals;

namespace {

const Library& shipped() {
  static const Library library;
  return library;
}

const V2Dictionary& dictionary() {
  static const V2Dictionary known(shipped());
  return known;
}

const FhirSchema& schema() {
  static const FhirSchema known(shipped());
  return known;
}

const Shelves& shelves() {
  static const Shelves stocked = [] {
    Shelves s;
    stock(s, dictionary(), schema());
    return s;
  }();
  return stocked;
}

std::shared_ptr<const Plan> plan_of(const std::string& text) {
  static Loaded loaded;
  const Definitions definitions{shipped(), dictionary(), schema(), {}, loaded};
  Diagnostics found;
  auto plan = std::make_shared<Plan>();
  plan->channel = read_channel("test.yaml", text, [](std::string_view) { return std::nullopt; }, shelves(), found);
  if (!found.failed()) plan->walk = compile_walk(plan->channel, definitions, found);
  INFO(found.print());
  REQUIRE_FALSE(found.failed());
  plan->config = "test";
  return plan;
}

// An engine of one channel in a thread of its own, on a store that may break once.
class Running {
 public:
  Running(const std::filesystem::path& store, std::shared_ptr<const Plan> plan, int fails_at = -1) {
    auto real = store::open(store.string(), {}, real_world());
    store_ = std::make_unique<BreakingStore>(std::move(real), fails_at);
    house_ = {io_.get_executor(), &workers_, store_.get(), &log_, real_world(), 5ms};
    flow_ = std::make_unique<Flow>(house_, std::move(plan));
    flow_->open();
    boost::asio::co_spawn(io_, flow_->run(), [this](std::exception_ptr failure) {
      failure_ = failure;
      io_.stop();
    });
    thread_ = std::thread([this] { io_.run(); });
  }
  ~Running() { stop(); }

  std::uint16_t port() const {
    const std::string address = flow_->address();
    return static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
  }
  void replace(std::shared_ptr<const Plan> plan) {
    std::promise<void> done;
    boost::asio::post(io_, [&] {
      flow_->replace(std::move(plan));
      done.set_value();
    });
    done.get_future().get();
  }
  void stop() {
    if (!thread_.joinable()) return;
    boost::asio::post(io_, [this] { flow_->stop(); });
    thread_.join();
    CHECK_FALSE(failure_);
    flow_.reset();
    store_->close();
    store_.reset();
  }
  bool broke() const { return store_->broke(); }

 private:
  boost::asio::io_context io_{1};
  boost::asio::thread_pool workers_{1};
  Log log_{Log::Style::text, Level::error, {}, [](std::string_view) {}};
  std::unique_ptr<BreakingStore> store_;
  House house_;
  std::unique_ptr<Flow> flow_;
  std::thread thread_;
  std::exception_ptr failure_;
};

std::string channel_to(const std::filesystem::path& file, const std::string& more = "") {
  return "channel: t\nsource:\n  mllp: { listen: \"127.0.0.1:0\" }\n" + more + "destinations:\n  archive:\n    file: { path: \"" +
         file.string() + "\", as: ndjson }\n    retry: { first: 5ms, max: 20ms }\n";
}

std::size_t count(const std::string& text, std::string_view part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

std::string ask(Line& line, const std::string& message) {
  REQUIRE(line.send_frame(message));
  const auto answer = line.frame(10s);
  REQUIRE(answer);
  return *answer;
}

}  // namespace

TEST_CASE("a message is answered AA and stands in the file", "[flow]") {
  TempFolder folder;
  Running engine(folder / "store", plan_of(channel_to(folder / "out.ndjson")));
  Line line;
  REQUIRE(line.connect(engine.port()));
  const std::string answer = ask(line, admission("M1", "P1"));
  CHECK(field(answer, "MSA", 1) == "AA");
  CHECK(field(answer, "MSA", 2) == "M1");
  CHECK(eventually([&] { return count(read_file(folder / "out.ndjson"), "|M1|") == 1; }));
}

TEST_CASE("whatever store call fails, what was answered AA is delivered", "[flow]") {
  constexpr int messages = 6;
  for (int n = 0;; ++n) {
    TempFolder folder;
    const auto out = folder / "out.ndjson";
    std::set<std::string> acked;
    bool broke = false;
    {
      Running engine(folder / "store", plan_of(channel_to(out)), n);
      Line line;
      REQUIRE(line.connect(engine.port()));
      for (int i = 0; i < messages; ++i) {
        const std::string id = "M" + std::to_string(i);
        const std::string answer = ask(line, admission(id, "P" + std::to_string(i % 2)));
        if (field(answer, "MSA", 1) == "AA") acked.insert(id);
        else CHECK(field(answer, "MSA", 1) == "AR");
      }
      broke = engine.broke();
      engine.stop();
    }
    {
      Running again(folder / "store", plan_of(channel_to(out)));
      const auto all = [&] {
        const std::string text = read_file(out);
        return std::all_of(acked.begin(), acked.end(), [&](const auto& id) { return count(text, "|" + id + "|") > 0; });
      };
      INFO("failing call " << n);
      CHECK(eventually(all));
    }
    if (!broke) {
      CHECK(n > 5);
      CHECK(acked.size() == messages);
      break;
    }
    CHECK(acked.size() >= messages - 1);
  }
}

TEST_CASE("a repeat gets the first answer again and is not delivered twice", "[flow]") {
  TempFolder folder;
  Running engine(folder / "store", plan_of(channel_to(folder / "out.ndjson")));
  Line line;
  REQUIRE(line.connect(engine.port()));
  const std::string first = ask(line, admission("M1", "P1"));
  const std::string second = ask(line, admission("M1", "P1"));
  CHECK(field(second, "MSA", 1) == "AA");
  CHECK(field(first, "MSH", 10) != field(second, "MSH", 10));
  ask(line, admission("M2", "P1"));
  CHECK(eventually([&] { return count(read_file(folder / "out.ndjson"), "|M2|") == 1; }));
  CHECK(count(read_file(folder / "out.ndjson"), "|M1|") == 1);
}

TEST_CASE("pipelined messages are answered in the order they came", "[flow]") {
  TempFolder folder;
  Running engine(folder / "store", plan_of(channel_to(folder / "out.ndjson")));
  Line line;
  REQUIRE(line.connect(engine.port()));
  std::string burst;
  for (int i = 0; i < 50; ++i) burst += "\x0b" + admission("M" + std::to_string(i), "P1") + "\x1c\r";
  REQUIRE(line.send(burst));
  for (int i = 0; i < 50; ++i) {
    const auto answer = line.frame(10s);
    REQUIRE(answer);
    CHECK(field(*answer, "MSA", 2) == "M" + std::to_string(i));
  }
}

TEST_CASE("enhanced mode: MSH-15 asks for the commit answer, MSH-16 for the application's", "[flow]") {
  TempFolder folder;
  Running engine(folder / "store", plan_of(channel_to(folder / "out.ndjson")));
  Line line;
  REQUIRE(line.connect(engine.port()));
  const auto asking = [](const std::string& id, const std::string& wishes) {
    std::string message = admission(id, "P1");
    message.insert(message.find("|P|2.5.1") + 8, "|||" + wishes);
    return message;
  };
  CHECK(field(ask(line, asking("E1", "AL|NE")), "MSA", 1) == "CA");
  CHECK(field(ask(line, asking("E2", "AL|AL")), "MSA", 1) == "CA");
  const auto application = line.frame(5s);
  REQUIRE(application);
  CHECK(field(*application, "MSA", 1) == "AA");
  CHECK(field(*application, "MSA", 2) == "E2");
  REQUIRE(line.send_frame(asking("E3", "ER|NE")));
  CHECK(field(ask(line, asking("E4", "NE|AL")), "MSA", 2) == "E4");  // E3 went well, so it is not answered
}

TEST_CASE("training messages are answered and go nowhere", "[flow]") {
  TempFolder folder;
  Running engine(folder / "store", plan_of(channel_to(folder / "out.ndjson")));
  Line line;
  REQUIRE(line.connect(engine.port()));
  std::string training = admission("T1", "P1");
  training.replace(training.find("|P|2.5.1"), 3, "|T|");
  CHECK(field(ask(line, training), "MSA", 1) == "AA");
  ask(line, admission("M2", "P1"));
  CHECK(eventually([&] { return count(read_file(folder / "out.ndjson"), "|M2|") == 1; }));
  CHECK(count(read_file(folder / "out.ndjson"), "|T1|") == 0);
}

TEST_CASE("what cannot be read is answered AE or AR with the reason, and the connection goes on", "[flow]") {
  TempFolder folder;
  Running engine(folder / "store", plan_of(channel_to(folder / "out.ndjson")));
  Line line;
  REQUIRE(line.connect(engine.port()));
  const std::string answer = ask(line, "this is no HL7 message");
  CHECK(field(answer, "MSA", 1) == "AE");
  CHECK(answer.find("ERR|") != std::string::npos);
  CHECK(field(ask(line, admission("M1", "P1")), "MSA", 1) == "AA");
}

TEST_CASE("delivered: the destination's own acknowledgement goes back to the sender, renamed", "[flow]") {
  Listener ward([](Line& line) {
    while (const auto message = line.frame(30s)) {
      const std::string id = field(*message, "MSH", 10);
      line.send_frame("MSH|^~\\&|WARD|W|T|T|20260102030405||ACK^A01^ACK|W" + id + "|P|2.5.1\rMSA|" + (id == "BAD" ? "AE" : "AA") + "|" + id +
                      "|from the ward\r");
    }
  });
  TempFolder folder;
  const std::string text =
      "channel: t\nsource:\n  mllp: { listen: \"127.0.0.1:0\" }\nacknowledge: { after: \"delivered:ward\", within: 5s }\n"
      "destinations:\n  ward:\n    mllp: { connect: \"127.0.0.1:" + std::to_string(ward.port()) + "\" }\n";
  Running engine(folder / "store", plan_of(text));
  Line line;
  REQUIRE(line.connect(engine.port()));
  const std::string good = ask(line, admission("GOOD", "P1"));
  CHECK(field(good, "MSA", 1) == "AA");
  CHECK(field(good, "MSA", 2) == "GOOD");
  CHECK(field(good, "MSA", 3) == "from the ward");
  CHECK(field(ask(line, admission("BAD", "P1")), "MSA", 1) == "AE");
  CHECK(field(ask(line, admission("BAD", "P1")), "MSA", 1) == "AE");  // the repeat joins the stored answer
}

TEST_CASE("delivered: a destination that is down makes the channel's else, and the repeat gets the real answer", "[flow]") {
  TempFolder folder;
  const std::uint16_t port = free_port();
  const std::string text =
      "channel: t\nsource:\n  mllp: { listen: \"127.0.0.1:0\" }\nacknowledge: { after: \"delivered:ward\", within: 200ms }\n"
      "destinations:\n  ward:\n    mllp: { connect: \"127.0.0.1:" + std::to_string(port) + "\" }\n    retry: { first: 20ms, max: 50ms }\n";
  Running engine(folder / "store", plan_of(text));
  Line line;
  REQUIRE(line.connect(engine.port()));
  CHECK(field(ask(line, admission("M1", "P1")), "MSA", 1) == "AE");
  Listener ward(
      [](Line& peer) {
        while (const auto message = peer.frame(30s)) {
          const std::string id = field(*message, "MSH", 10);
          peer.send_frame("MSH|^~\\&|WARD|W|T|T|20260102030405||ACK^A01^ACK|W" + id + "|P|2.5.1\rMSA|AA|" + id + "\r");
        }
      },
      port);
  CHECK(eventually([&] { return field(ask(line, admission("M1", "P1")), "MSA", 1) == "AA"; }));
}

TEST_CASE("a reload changes the destination without dropping the connection or a message", "[flow]") {
  TempFolder folder;
  Running engine(folder / "store", plan_of(channel_to(folder / "before.ndjson")));
  Line line;
  REQUIRE(line.connect(engine.port()));
  for (int i = 0; i < 20; ++i) ask(line, admission("B" + std::to_string(i), "P" + std::to_string(i)));
  engine.replace(plan_of(channel_to(folder / "after.ndjson")));
  for (int i = 0; i < 20; ++i) ask(line, admission("A" + std::to_string(i), "P" + std::to_string(i)));
  const auto everything = [&] { return read_file(folder / "before.ndjson") + read_file(folder / "after.ndjson"); };
  CHECK(eventually([&] { return count(everything(), "ADT^A01^ADT_A01") == 40; }));
  CHECK(count(read_file(folder / "after.ndjson"), "||ADT^A01^ADT_A01|A") == 20);
}

TEST_CASE("outside its hours a destination waits, and the others do not", "[flow]") {
  TempFolder folder;
  const auto in_two_hours = std::chrono::floor<std::chrono::minutes>(real_world().now()) + 2h;
  const auto of_day = [](Time t) { return iso8601(t).substr(11, 5); };
  const std::string hours = of_day(in_two_hours) + "-" + of_day(in_two_hours + 1h);
  Running engine(folder / "store", plan_of(channel_to(folder / "now.ndjson") + "  later:\n    file: { path: \"" + (folder / "later.ndjson").string() +
                                           "\", as: ndjson }\n    send: { hours: \"" + hours + "\", zone: \"+00:00\" }\n"));
  Line line;
  REQUIRE(line.connect(engine.port()));
  for (int i = 0; i < 5; ++i) ask(line, admission("M" + std::to_string(i), "P1"));
  CHECK(eventually([&] { return count(read_file(folder / "now.ndjson"), "ADT^A01^ADT_A01") == 5; }));
  CHECK(read_file(folder / "later.ndjson").empty());
  engine.replace(plan_of(channel_to(folder / "now.ndjson") + "  later:\n    file: { path: \"" + (folder / "later.ndjson").string() + "\", as: ndjson }\n"));
  CHECK(eventually([&] { return count(read_file(folder / "later.ndjson"), "ADT^A01^ADT_A01") == 5; }));
}

TEST_CASE("a destination is sent to no faster than its rate", "[flow]") {
  TempFolder folder;
  Running engine(folder / "store", plan_of(channel_to(folder / "out.ndjson") + "    send: { rate: 20/s }\n"));
  Line line;
  REQUIRE(line.connect(engine.port()));
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 11; ++i) ask(line, admission("M" + std::to_string(i), "P" + std::to_string(i)));
  CHECK(eventually([&] { return count(read_file(folder / "out.ndjson"), "ADT^A01^ADT_A01") == 11; }));
  CHECK(std::chrono::steady_clock::now() - begin >= 495ms);
}

TEST_CASE("a class overtakes in its destination, never within its key, after a restart too", "[flow]") {
  TempFolder folder;
  const auto channel = [&](const std::string& send) {
    return channel_to(folder / "out.ndjson", "order: { key: \"PID-3[1].1\", lanes: 1 }\n") + "    priority: [ \"EVN-1 = 'A03'\", \"EVN-1 = 'A08'\" ]\n" + send;
  };
  const auto later = std::chrono::floor<std::chrono::minutes>(real_world().now()) + 2h;
  const std::string closed = "    send: { hours: \"" + iso8601(later).substr(11, 5) + "-" + iso8601(later + 1h).substr(11, 5) + "\", zone: \"+00:00\" }\n";
  {
    Running engine(folder / "store", plan_of(channel(closed)));
    Line line;
    REQUIRE(line.connect(engine.port()));
    ask(line, admission("M1", "P1"));
    ask(line, admission("M2", "P2"));
    ask(line, admission("M3", "P3", "A08"));
    ask(line, admission("M4", "P2", "A03"));
    CHECK(read_file(folder / "out.ndjson").empty());
  }
  Running again(folder / "store", plan_of(channel("")));
  REQUIRE(eventually([&] { return count(read_file(folder / "out.ndjson"), "ADT_A01|") == 4; }));
  const std::string out = read_file(folder / "out.ndjson");
  CHECK(out.find("|M2|") < out.find("|M4|"));
  CHECK(out.find("|M4|") < out.find("|M3|"));
  CHECK(out.find("|M3|") < out.find("|M1|"));
}

TEST_CASE("a batch is split, each message kept by itself, and answered as a batch", "[flow]") {
  TempFolder folder;
  Running engine(folder / "store", plan_of(channel_to(folder / "out.ndjson")));
  Line line;
  REQUIRE(line.connect(engine.port()));
  const std::string batch = "BHS|^~\\&|TESTADT|EASTWING|TOMBOLO|HUB|20260102030405||||BATCH7\r" + admission("B1", "P1") +
                            admission("B2", "P2") + "BTS|2\r";
  const std::string answer = ask(line, batch);
  CHECK(answer.starts_with("BHS|"));
  CHECK(count(answer, "\rMSA|AA|B1") == 1);
  CHECK(count(answer, "\rMSA|AA|B2") == 1);
  CHECK(eventually([&] { return count(read_file(folder / "out.ndjson"), "ADT^A01^ADT_A01") == 2; }));
}

TEST_CASE("other content under a known control id is processed, held or refused, as the channel says", "[flow]") {
  const std::string rule = GENERATE("process", "hold", "reject");
  TempFolder folder;
  Running engine(folder / "store", plan_of(channel_to(folder / "out.ndjson", "acknowledge: { duplicate: { other_content: " + rule + " } }\n")));
  Line line;
  REQUIRE(line.connect(engine.port()));
  CHECK(field(ask(line, admission("M1", "P1")), "MSA", 1) == "AA");
  for (int n = 0; n < 2; ++n) {
    const std::string answer = ask(line, admission("M1", "P2"));
    CHECK(field(answer, "MSA", 1) == (rule == "reject" ? "AR" : "AA"));
    CHECK(field(answer, "ERR", 3) == (rule == "reject" ? "205^Duplicate key identifier^HL70357" : ""));
    CHECK(field(answer, "ERR", 2) == (rule == "reject" ? "MSH^1^10^1" : ""));
  }
  CHECK(field(ask(line, admission("M1", "P1")), "MSA", 1) == "AA");
  CHECK(field(ask(line, admission("M2", "P2")), "MSA", 1) == "AA");
  engine.stop();
  CHECK(count(read_file(folder / "out.ndjson"), "||ADT^A01^ADT_A01|M1|") == (rule == "process" ? 2 : 1));
  CHECK(count(read_file(folder / "out.ndjson"), "||ADT^A01^ADT_A01|M2|") == 1);
}

TEST_CASE("a repeat of what was delivered long ago is answered as the first time, at once", "[flow]") {
  TempFolder folder;
  const auto plan = plan_of(channel_to(folder / "out.ndjson"));
  {
    Running engine(folder / "store", plan);
    Line line;
    REQUIRE(line.connect(engine.port()));
    CHECK(field(ask(line, admission("M1", "P1")), "MSA", 1) == "AA");
    CHECK(eventually([&] { return count(read_file(folder / "out.ndjson"), "|M1|") == 1; }));
  }  // stopped: its delivery is settled
  Running engine(folder / "store", plan);
  Line line;
  REQUIRE(line.connect(engine.port()));
  CHECK(field(ask(line, admission("M1", "P1")), "MSA", 1) == "AA");
  engine.stop();
  CHECK(count(read_file(folder / "out.ndjson"), "|M1|") == 1);
}
