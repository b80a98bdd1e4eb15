// What the store costs a message: accept, then post (one delivery of the same bytes, four keys), then settle, by callers at
// the same time. Prints messages a second, CPU microseconds a message (all threads) and bytes on disk a message.
// usage: store_bench [CALLERS [MESSAGES [BYTES [FOLDER]]]]
#include <sys/resource.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

#include "engine/store/store.h"

using namespace tombolo;
using boost::asio::awaitable;

namespace {

double cpu() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6; };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

std::uintmax_t on_disk(const std::filesystem::path& folder) {
  std::uintmax_t sum = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder)) sum += file.file_size();
  return sum;
}

store::Arrival arrival(int n, std::size_t bytes, Time now) {
  const std::string id = std::to_string(1'000'000 + n);
  store::Arrival a;
  a.parcel = {0, "adt-in", "127.0.0.1:40112", now, "MSH|^~\\&|LAB|WEST|EHR|EAST|20260301120000||ADT^A01|" + id + "|P|2.5\r"};
  a.parcel.bytes.resize(bytes, 'x');
  a.control_id = id;
  a.type = "ADT^A01";
  a.sender = "LAB|WEST";
  a.duplicate_key = "LAB|WEST|" + id;
  a.order_keys = {"P" + std::to_string(n % 5000) + "^^^WEST"};
  a.answer = "AA";
  a.config = "5f2c8a90b1d3e4f7";
  return a;
}

store::Posting posting(store::Sequence sequence, int n) {
  store::Outgoing o{"registry", {}, "application/hl7-v2", std::to_string(1'000'000 + n), {"P" + std::to_string(n % 5000) + "^^^WEST"}};
  store::Posting p{sequence, store::Status::posted, "", {}, {}, {}};
  p.deliveries.push_back(std::move(o));
  p.keys = {{"patient", "P" + std::to_string((n * 7919LL) % 100'000)}, {"visit", "V" + std::to_string(n)},
            {"order", "O" + std::to_string(n)}, {"accession", "A" + std::to_string(n)}};
  return p;
}

awaitable<void> caller(store::Store& s, int& next, int until, std::size_t bytes, bool whole) {
  const Time now = std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
  while (next < until) {
    const int n = next++;
    const auto accepted = co_await s.accept(arrival(n, bytes, now));
    if (!whole) continue;
    std::vector<store::Posting> postings;
    postings.push_back(posting(accepted.sequence, n));
    const auto rows = co_await s.post(std::move(postings));
    std::vector<store::Settlement> done(1);
    done[0].number = rows[0].number;
    done[0].attempts = 1;
    done[0].code = "AA";
    done[0].at = now;
    co_await s.settle(std::move(done));
  }
}

// Gives CPU microseconds a message.
void measure(const char* what, const std::filesystem::path& folder, int callers, int messages, std::size_t bytes, bool whole) {
  std::filesystem::remove_all(folder);
  auto s = store::open(folder.string(), {}, real_world());
  boost::asio::io_context io(1);
  int next = 0;
  const auto begin = std::chrono::steady_clock::now();
  const double before = cpu();
  const auto commits = s->commits();
  for (int i = 0; i < callers; ++i) {
    boost::asio::co_spawn(io, caller(*s, next, messages, bytes, whole), [](std::exception_ptr e) {
      if (e) std::rethrow_exception(e);
    });
  }
  io.run();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const double used = cpu() - before;
  const auto made = s->commits() - commits;
  std::this_thread::sleep_for(std::chrono::milliseconds(1500));  // the log is emptied when nothing comes
  std::printf("%-22s %5d callers %8.0f msg/s %6.1f us CPU/msg %6.1f msg/commit %6.0f bytes on disk/msg (%zu sent)\n", what, callers,
              messages / seconds, used * 1e6 / messages, messages * (whole ? 3.0 : 1.0) / static_cast<double>(made),
              static_cast<double>(on_disk(folder)) / messages, bytes);
  s.reset();
  std::filesystem::remove_all(folder);
}

}  // namespace

int main(int argc, char** argv) {
  const int callers = argc > 1 ? std::atoi(argv[1]) : 64, messages = argc > 2 ? std::atoi(argv[2]) : 50'000;
  const std::size_t bytes = argc > 3 ? static_cast<std::size_t>(std::atoi(argv[3])) : 1024;
  const std::filesystem::path folder = (argc > 4 ? std::filesystem::path(argv[4]) : std::filesystem::temp_directory_path()) /
                                       ("tombolo-store-bench-" + std::to_string(::getpid()));
  measure("accept", folder, callers, messages, bytes, false);
  measure("accept, post, settle", folder, callers, messages, bytes, true);
}
