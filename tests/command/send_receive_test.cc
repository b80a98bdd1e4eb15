#include <catch2/catch.hpp>

#include <future>
#include <sstream>
#include <thread>

#include "engine/command/receive.h"
#include "engine/command/send.h"
#include "engine/command/watch.h"
#include "tests/support/temp.h"

using namespace tombolo;

namespace {

std::string message(const std::string& id, const std::string& patient = "77", const std::string& wishes = "") {
  return "MSH|^~\\&|A|B|C|D|20260101||ADT^A01|" + id + "|P|2.5" + wishes + "\rPID|1||" + patient + "^^^H^MR\r";
}

// A receiver that runs beside the test.
struct Receiving {
  explicit Receiving(ReceiveOptions options) {
    std::promise<std::string> listens;
    auto where = listens.get_future();
    options.listening = [&](const std::string& at) { listens.set_value(at); };
    options.json = true;
    thread = std::thread([this, options] { status = receive_command(options, out, err); });
    address = where.get();
  }
  ~Receiving() {
    if (thread.joinable()) thread.join();
  }
  // What it printed, once it has ended.
  std::string end() {
    thread.join();
    return out.str();
  }
  std::ostringstream out, err;
  int status = -1;
  std::string address;
  std::thread thread;
};

struct Sent {
  int status;
  std::string out, err;
};

Sent send(SendOptions options) {
  std::ostringstream out, err;
  const int status = send_command(options, out, err);
  return {status, out.str(), err.str()};
}

ReceiveOptions until(std::uint64_t count) {
  ReceiveOptions options;
  options.count = count;
  return options;
}

SendOptions to(const Receiving& receiver, const test::TempFolder& folder) {
  SendOptions options;
  options.address = receiver.address;
  options.files = {folder.path().string()};
  options.timeout = std::chrono::seconds(5);
  options.json = true;
  return options;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("send sends every file of a folder once, as it is, in order", "[send]") {
  test::TempFolder folder;
  test::write_file(folder / "in/b.hl7", message("2"));
  test::write_file(folder / "in/a.hl7", message("1"));
  ReceiveOptions how = until(2);
  how.out = (folder / "got.ndjson").string();
  Receiving receiver(how);
  SendOptions options = to(receiver, folder);
  options.files = {(folder / "in").string()};
  const Sent sent = send(options);
  CHECK(sent.status == 0);
  CHECK(has(sent.out, "\"sent\":2,\"AA\":2,\"AE\":0"));
  CHECK(has(sent.out, "\"mismatches\":0,\"lost\":0"));
  CHECK(has(receiver.end(),
            "{\"received\":2,\"repeats\":0,\"AA\":2,\"AE\":0,\"AR\":0,\"cut\":0,\"without_id\":0,\"gaps\":0,\"order_"
            "faults\":0}"));
  CHECK(receiver.status == 0);
  const std::string got = test::read_file(folder / "got.ndjson");
  CHECK(has(
      got, "{\"control_id\":\"1\",\"reply\":\"AA\",\"message\":\"MSH|^~\\\\&|A|B|C|D|20260101||ADT^A01|1|P|2.5\\rPID"));
  CHECK(got.find("\"1\"") < got.find("\"2\""));
}

TEST_CASE("send goes over the files again when asked for more, each with an MSH-10 of its own", "[send]") {
  test::TempFolder folder;
  test::write_file(folder / "a.hl7", message("1"));
  test::write_file(folder / "b.hl7", message("2", "78"));
  Receiving receiver(until(500));
  SendOptions options = to(receiver, folder);
  options.count = 500;
  options.connections = 1;
  options.pipeline = 8;
  const Sent sent = send(options);
  CHECK(sent.status == 0);
  CHECK(has(sent.out, "\"sent\":500,\"AA\":500"));
  CHECK(has(receiver.end(),
            "{\"received\":500,\"repeats\":0,\"AA\":500,\"AE\":0,\"AR\":0,\"cut\":0,\"without_id\":0,\"gaps\":0,"
            "\"order_faults\":0}"));
}

TEST_CASE("several connections share the messages", "[send]") {
  test::TempFolder folder;
  test::write_file(folder / "a.hl7", message("1"));
  Receiving receiver(until(300));
  SendOptions options = to(receiver, folder);
  options.count = 300;
  options.connections = 5;
  CHECK(send(options).status == 0);
  CHECK(has(receiver.end(), "{\"received\":300,\"repeats\":0,\"AA\":300"));
}

TEST_CASE("a refused message makes send say no", "[send]") {
  test::TempFolder folder;
  test::write_file(folder / "a.hl7", message("1"));
  ReceiveOptions how = until(200);
  how.nack_share = 0.3;
  Receiving receiver(how);
  SendOptions options = to(receiver, folder);
  options.count = 200;
  const Sent sent = send(options);
  CHECK(sent.status == 1);
  CHECK(has(sent.out, "\"lost\":0"));
  const std::string summary = receiver.end();
  const std::string refused =
      summary.substr(summary.find("\"AE\":"), summary.find(",\"AR\"") - summary.find("\"AE\":"));
  CHECK(has(sent.out, refused + ","));
  CHECK(refused != "\"AE\":0");
}

TEST_CASE("what is cut off is lost and the rest is sent over a new connection", "[send]") {
  test::TempFolder folder;
  test::write_file(folder / "a.hl7", message("1"));
  ReceiveOptions how = until(100);
  how.cut = 0.1;
  Receiving receiver(how);
  SendOptions options = to(receiver, folder);
  options.count = 100;
  const Sent sent = send(options);
  CHECK(sent.status == 1);
  const std::string summary = receiver.end();
  const std::string cut =
      summary.substr(summary.find("\"cut\":") + 6, summary.find(",\"without_id\"") - summary.find("\"cut\":") - 6);
  CHECK(cut != "0");
  CHECK(has(sent.out, "\"lost\":" + cut + ","));
  CHECK(has(sent.out, "\"unsent\":0"));
}

TEST_CASE("the same seed makes the same choices", "[receive]") {
  test::TempFolder folder;
  test::write_file(folder / "a.hl7", message("1"));
  std::string first;
  for (int i = 0; i < 2; ++i) {
    ReceiveOptions how = until(100);
    how.nack_share = 0.2;
    how.seed = 7;
    Receiving receiver(how);
    SendOptions options = to(receiver, folder);
    options.count = 100;
    send(options);
    const std::string summary = receiver.end();
    if (i == 0) first = summary;
    CHECK(summary == first);
  }
}

TEST_CASE("send keeps to its rate and waits for a slow receiver", "[send]") {
  test::TempFolder folder;
  test::write_file(folder / "a.hl7", message("1"));
  ReceiveOptions how = until(20);
  how.delay = std::chrono::milliseconds(5);
  Receiving receiver(how);
  SendOptions options = to(receiver, folder);
  options.count = 20;
  options.rate = 200;
  options.pipeline = 4;
  const auto begin = std::chrono::steady_clock::now();
  CHECK(send(options).status == 0);
  CHECK(std::chrono::steady_clock::now() - begin >= std::chrono::milliseconds(90));
}

TEST_CASE("a message that wants no reply is not waited for", "[send]") {
  test::TempFolder folder;
  test::write_file(folder / "a.hl7", message("1", "77", "|||NE|NE"));
  test::write_file(folder / "b.hl7", message("2", "77", "|||AL|NE"));
  Receiving receiver(until(2));
  const Sent sent = send(to(receiver, folder));
  CHECK(has(sent.out, "\"sent\":2,\"AA\":1"));
  CHECK(has(sent.out, "\"silent\":1"));
}

TEST_CASE("send tells wrong usage and a receiver that is not there apart", "[send]") {
  test::TempFolder folder;
  SendOptions options;
  options.address = "127.0.0.1:1";
  options.files = {folder.path().string()};
  CHECK(send(options).status == 2);
  test::write_file(folder / "a.hl7", message("1"));
  CHECK(send(options).status == 3);
  options.address = "nowhere";
  CHECK(send(options).status == 2);
}

TEST_CASE("receive ends after its time and says when the port is taken", "[receive]") {
  ReceiveOptions how;
  how.seconds = std::chrono::milliseconds(200);
  Receiving receiver(how);
  ReceiveOptions second;
  second.port = std::stoi(receiver.address.substr(receiver.address.rfind(':') + 1));
  std::ostringstream out, err;
  CHECK(receive_command(second, out, err) == 3);
  CHECK(has(receiver.end(), "\"received\":0"));
}

TEST_CASE("repeats, gaps and order are seen in the control ids", "[receive]") {
  Watch watch;
  for (const char* id : {"R-1", "R-2", "R-4", "R-4", "R-6"}) watch.note(id, "77");
  CHECK(watch.repeats() == 1);
  CHECK(watch.gaps() == 2);
  CHECK(watch.order_faults() == 0);
  watch.note("R-3", "78");
  CHECK(watch.order_faults() == 0);
  watch.note("R-2", "77");
  watch.note("S-1", "77");
  watch.note("no number", "77");
  watch.note("", "77");
  CHECK(watch.order_faults() == 1);
  CHECK(watch.gaps() == 1);
  CHECK(watch.unnamed() == 1);
  CHECK(watch.messages() == 10);
}
