#include "engine/command/receive.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <CLI/CLI.hpp>

#include <csignal>
#include <fstream>
#include <map>
#include <ostream>
#include <random>

#include "engine/base/json.h"
#include "engine/base/text.h"
#include "engine/command/command.h"
#include "engine/command/watch.h"
#include "engine/connectors/http/receiver.h"
#include "engine/connectors/mllp/source.h"
#include "engine/formats/hl7v2/header.h"

namespace tombolo {
namespace {

namespace net = boost::asio;

// Thrown into the source: it closes the connection without a reply.
struct Cut : std::runtime_error {
  Cut() : std::runtime_error("cut as asked") {}
};

std::string patient_of(std::string_view bytes, const hl7v2::Header& header) {
  while (!bytes.empty()) {
    const std::size_t end = hl7v2::segment_end(bytes, header.line());
    const std::string_view segment = trim(bytes.substr(0, end));
    if (segment.starts_with("PID"))
      return std::string(hl7v2::part(hl7v2::field(segment, header.delimiters().field, 3), header.delimiters(), 1, 1));
    bytes.remove_prefix(std::min(bytes.size(), end + 1));
  }
  return {};
}

// Enough of an acknowledgement for a test: sender and receiver changed, the control id named.
std::string acknowledgement(const hl7v2::Header& h, const std::string& code, Time now, std::uint64_t n) {
  const std::string f(1, h.delimiters().field);
  const auto field = [&](int i) { return std::string(h.field(i)) + f; };
  return "MSH" + f + field(2) + field(5) + field(6) + field(3) + field(4) + hl7_time(now) + f + f + "ACK" + f + "R" +
         std::to_string(n) + f + field(11) + std::string(h.field(12)) + "\rMSA" + f + code + f +
         std::string(h.field(10)) + "\r";
}

// A body as one line: as it is, or as a JSON string if it has line ends of its own.
std::string line_of(const std::string& body) {
  if (body.find_first_of("\r\n") == std::string::npos) return body;
  std::string line;
  JsonWriter json(line);
  if (valid_utf8(body)) json.string(body);
  else json.number(static_cast<std::int64_t>(body.size()));
  return line;
}

class Receiver {
 public:
  Receiver(const ReceiveOptions& options, net::io_context& io)
      : options_(options),
        io_(io),
        world_(real_world()),
        random_(options.seed),
        out_(options.out, std::ios::binary | std::ios::app) {
    if (!options.out.empty() && !out_) throw std::runtime_error("cannot write " + options.out);
  }

  // `listening` is called with the address once the port is open.
  template <class Listening>
  void run(const Listening& listening) {
    if (options_.http) {
      http::Receiver server(io_.get_executor(), static_cast<std::uint16_t>(options_.port), largest);
      serve(server, [this](http::Received request) { return answer(std::move(request)); }, listening);
    } else {
      mllp::SourceOptions how;
      how.listen = HostPort{"127.0.0.1", std::to_string(options_.port)};
      how.connections = 65535;
      how.frames.max_message = largest;
      const auto source = mllp::make_source(how, "receive", Edges{io_.get_executor(), nullptr, world_});
      serve(*source, [this](Parcel parcel) { return receive(std::move(parcel)); }, listening);
    }
  }

  void print(std::ostream& out) const;

  bool faultless() const { return options_.http || (watch_.gaps() == 0 && watch_.order_faults() == 0); }

 private:
  static constexpr std::size_t largest = 256u << 20;

  template <class Wire, class Handle, class Listening>
  void serve(Wire& wire, Handle handle, const Listening& listening) {
    stop_ = [&wire] { wire.stop(); };
    wire.open();
    listening(wire.address());
    net::signal_set signals(io_, SIGINT, SIGTERM);
    signals.async_wait([&wire](boost::system::error_code error, int) {
      if (!error) wire.stop();
    });
    net::steady_timer end(io_);
    if (options_.seconds > Duration::zero()) {
      end.expires_after(options_.seconds);
      end.async_wait([&wire](boost::system::error_code error) {
        if (!error) wire.stop();
      });
    }
    std::exception_ptr failure;
    auto work = wire.run(std::move(handle));
    net::co_spawn(io_, std::move(work), [&](std::exception_ptr failed) {
      failure = failed;
      signals.cancel();
      end.cancel();
    });
    io_.run();
    if (failure) std::rethrow_exception(failure);
  }

  net::awaitable<Reply> receive(Parcel parcel) {
    const auto header = hl7v2::Header::read(parcel.bytes);
    const std::string id(header ? header->field(10) : std::string_view());
    watch_.note(id, header ? patient_of(parcel.bytes, *header) : "");
    const std::uint64_t n = watch_.messages();
    const std::string code = choose(options_.reply, options_.reply == "AE" ? "AR" : "AE");
    record(parcel, id, code);
    co_await wait();
    if (code == "cut") throw Cut();
    Reply reply;
    if (header) reply.bytes = acknowledgement(*header, code, parcel.received_at, n);
    else
      reply.bytes =
          "MSH|^~\\&|||||" + hl7_time(parcel.received_at) + "||ACK|R" + std::to_string(n) + "|P|2.5\rMSA|AR|\r";
    ++codes_[header ? code : "AR"];
    co_return reply;
  }

  net::awaitable<http::Answer> answer(http::Received request) {
    watch_.note(request.key, "");
    const std::string code = choose(std::to_string(options_.status), options_.status == 503 ? "500" : "503");
    if (code.starts_with('2') && out_.is_open()) out_ << line_of(request.body) << '\n' << std::flush;
    co_await wait();
    http::Answer answer;
    answer.status = code == "cut" ? 0 : std::stoi(code);
    if (answer.status != 0) ++codes_[code];
    co_return answer;
  }

  // Always two draws a message, so that one option does not change what another one meets.
  std::string choose(const std::string& yes, const std::string& no) {
    std::uniform_real_distribution<double> share(0.0, 1.0);
    const bool cut = share(random_) < options_.cut;
    const bool refuse = share(random_) < options_.nack_share || watch_.messages() <= options_.nack_first;
    if (cut) ++cuts_;
    return cut ? "cut" : refuse ? no : yes;
  }

  // Before each reply; the last one wanted ends the receiver.
  net::awaitable<void> wait() {
    if (watch_.messages() == options_.count) stop_();
    if (options_.delay <= Duration::zero()) co_return;
    net::steady_timer timer(io_, options_.delay);
    co_await timer.async_wait(net::use_awaitable);
  }

  void record(const Parcel& parcel, const std::string& id, const std::string& code) {
    if (!out_.is_open()) return;
    std::string line;
    JsonWriter json(line);
    json.begin_object();
    json.member("control_id", id);
    json.member("reply", code);
    if (valid_utf8(parcel.bytes)) json.member("message", parcel.bytes);
    else json.member("bytes", static_cast<std::int64_t>(parcel.bytes.size()));
    json.end_object();
    out_ << line << '\n' << std::flush;
  }

  // What the summary says, in its order.
  std::vector<std::pair<std::string, std::uint64_t>> counts() const;

  const ReceiveOptions& options_;
  net::io_context& io_;
  const World world_;
  std::mt19937_64 random_;
  std::ofstream out_;
  std::function<void()> stop_;
  Watch watch_;
  std::map<std::string, std::uint64_t> codes_;
  std::uint64_t cuts_ = 0;
};

std::vector<std::pair<std::string, std::uint64_t>> Receiver::counts() const {
  std::vector<std::pair<std::string, std::uint64_t>> counts{{"received", watch_.messages()},
                                                            {"repeats", watch_.repeats()}};
  auto codes = codes_;
  if (!options_.http) codes.insert({{"AA", 0}, {"AE", 0}, {"AR", 0}});
  counts.insert(counts.end(), codes.begin(), codes.end());
  counts.insert(counts.end(), {{"cut", cuts_}, {"without_id", watch_.unnamed()}});
  if (!options_.http) counts.insert(counts.end(), {{"gaps", watch_.gaps()}, {"order_faults", watch_.order_faults()}});
  return counts;
}

void Receiver::print(std::ostream& out) const {
  std::string text;
  if (options_.json) {
    JsonWriter json(text);
    json.begin_object();
    for (const auto& [name, n] : counts()) json.member(name, static_cast<std::int64_t>(n));
    json.end_object();
  } else {
    for (const auto& [name, n] : counts()) text += (text.empty() ? "" : "  ") + name + " " + std::to_string(n);
  }
  out << text << std::endl;
}

bool share(double number) { return number >= 0 && number <= 1; }

}  // namespace

int receive_command(const ReceiveOptions& options, std::ostream& out, std::ostream& err) {
  if (options.port < 0 || options.port > 65535 || !share(options.nack_share) || !share(options.cut) ||
      (options.reply != "AA" && options.reply != "AE" && options.reply != "AR") || options.status < 200 ||
      options.status > 599) {
    err << "tombolo receive: expected a port, shares from 0 to 1, AA, AE or AR as the reply, a status from 200 to 599\n";
    return 2;
  }
  try {
    net::io_context io(1);
    Receiver receiver(options, io);
    receiver.run([&](const std::string& address) {
      if (!options.json) out << "listening on " << address << std::endl;
      if (options.listening) options.listening(address);
    });
    receiver.print(out);
    return receiver.faultless() ? 0 : 1;
  } catch (const std::exception& wrong) {
    err << "tombolo receive: " << wrong.what() << "\n";
    return 3;
  }
}

void add_receive(CLI::App& app, Desk& desk) {
  const auto options = std::make_shared<ReceiveOptions>();
  const auto delay = std::make_shared<std::string>("0s");
  const auto seconds = std::make_shared<double>(0);
  auto* const receive =
      app.add_subcommand("receive", "receive over MLLP or HTTP on 127.0.0.1 for tests, and report repeats, gaps, order");
  receive->add_option("port", options->port, "0: a free one, which is printed")
      ->required()
      ->check(CLI::Range(0, 65535));
  auto* const http = receive->add_flag("--http", options->http, "HTTP in place of MLLP");
  receive->add_option("--reply", options->reply, "AA, AE or AR")
      ->check(CLI::IsMember({"AA", "AE", "AR"}))
      ->excludes(http);
  receive->add_option("--status", options->status, "the answer over HTTP: 201")->check(CLI::Range(200, 599))->needs(http);
  receive->add_option("--nack-first", options->nack_first, "so many at the beginning are refused");
  receive->add_option("--nack-share", options->nack_share, "this share is refused: 0.1")->check(CLI::Range(0.0, 1.0));
  receive->add_option("--cut", options->cut, "at this share the connection is closed without a reply: 0.01")
      ->check(CLI::Range(0.0, 1.0));
  receive->add_option("--delay", *delay, "before each reply: 50ms");
  receive->add_option("--out", options->out, "append a line for each message to this file");
  receive->add_option("--count", options->count, "end after so many messages");
  receive->add_option("--seconds", *seconds, "end after so many seconds")->check(CLI::NonNegativeNumber);
  receive->add_option("--seed", options->seed, "of the pseudo-random choices");
  receive->add_flag("--json", options->json, "the summary as one JSON object");
  receive->callback([options, delay, seconds, &desk] {
    const auto wait = to_duration(*delay);
    if (!wait) throw CLI::ValidationError("--delay", "expected a time such as 50ms");
    options->delay = *wait;
    options->seconds = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(*seconds));
    desk.status = receive_command(*options, desk.out, desk.err);
  });
}

}  // namespace tombolo
