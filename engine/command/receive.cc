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
#include <ostream>
#include <random>

#include "engine/base/json.h"
#include "engine/base/text.h"
#include "engine/command/command.h"
#include "engine/command/watch.h"
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

class Receiver {
 public:
  Receiver(const ReceiveOptions& options, net::io_context& io)
      : options_(options),
        io_(io),
        world_(real_world()),
        random_(options.seed),
        out_(options.out, std::ios::binary | std::ios::app) {
    if (!options.out.empty() && !out_) throw std::runtime_error("cannot write " + options.out);
    mllp::SourceOptions how;
    how.listen = HostPort{"127.0.0.1", std::to_string(options.port)};
    how.connections = 65535;
    how.frames.max_message = 256u << 20;
    source_ = mllp::make_source(how, "receive", Edges{io.get_executor(), nullptr, world_});
  }

  void run(const std::function<void(const std::string&)>& listening) {
    source_->open();
    listening(source_->address());
    net::signal_set signals(io_, SIGINT, SIGTERM);
    signals.async_wait([this](boost::system::error_code error, int) {
      if (!error) source_->stop();
    });
    net::steady_timer end(io_);
    if (options_.seconds > Duration::zero()) {
      end.expires_after(options_.seconds);
      end.async_wait([this](boost::system::error_code error) {
        if (!error) source_->stop();
      });
    }
    std::exception_ptr failure;
    auto work = source_->run([this](Parcel parcel) { return receive(std::move(parcel)); });
    net::co_spawn(io_, std::move(work), [&](std::exception_ptr failed) {
      failure = failed;
      signals.cancel();
      end.cancel();
    });
    io_.run();
    if (failure) std::rethrow_exception(failure);
  }

  void print(std::ostream& out) const;

  bool faultless() const { return watch_.gaps() == 0 && watch_.order_faults() == 0; }

 private:
  net::awaitable<Reply> receive(Parcel parcel) {
    const auto header = hl7v2::Header::read(parcel.bytes);
    const std::string id(header ? header->field(10) : std::string_view());
    watch_.note(id, header ? patient_of(parcel.bytes, *header) : "");
    const std::uint64_t n = watch_.messages();
    const std::string code = choose();
    record(parcel, id, code);
    if (n == options_.count) source_->stop();
    if (options_.delay > Duration::zero()) {
      net::steady_timer timer(io_, options_.delay);
      co_await timer.async_wait(net::use_awaitable);
    }
    if (code == "cut") throw Cut();
    Reply reply;
    if (header) reply.bytes = acknowledgement(*header, code, parcel.received_at, n);
    else
      reply.bytes =
          "MSH|^~\\&|||||" + hl7_time(parcel.received_at) + "||ACK|R" + std::to_string(n) + "|P|2.5\rMSA|AR|\r";
    ++codes_[header ? code : "AR"];
    co_return reply;
  }

  // Always two draws a message, so that one option does not change what another one meets.
  std::string choose() {
    std::uniform_real_distribution<double> share(0.0, 1.0);
    const bool cut = share(random_) < options_.cut;
    const bool refuse = share(random_) < options_.nack_share;
    if (cut) ++cuts_;
    return cut ? "cut" : !refuse ? options_.reply : options_.reply == "AE" ? "AR" : "AE";
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

  const ReceiveOptions& options_;
  net::io_context& io_;
  const World world_;
  std::mt19937_64 random_;
  std::ofstream out_;
  std::unique_ptr<Source> source_;
  Watch watch_;
  std::map<std::string, std::uint64_t> codes_;
  std::uint64_t cuts_ = 0;
};

void Receiver::print(std::ostream& out) const {
  std::vector<std::pair<std::string, std::uint64_t>> counts{{"received", watch_.messages()},
                                                            {"repeats", watch_.repeats()}};
  for (const char* code : {"AA", "AE", "AR"}) counts.emplace_back(code, codes_.contains(code) ? codes_.at(code) : 0);
  counts.insert(counts.end(), {{"cut", cuts_},
                               {"without_id", watch_.unnamed()},
                               {"gaps", watch_.gaps()},
                               {"order_faults", watch_.order_faults()}});
  std::string text;
  if (options_.json) {
    JsonWriter json(text);
    json.begin_object();
    for (const auto& [name, n] : counts) json.member(name, static_cast<std::int64_t>(n));
    json.end_object();
  } else {
    for (const auto& [name, n] : counts) text += (text.empty() ? "" : "  ") + name + " " + std::to_string(n);
  }
  out << text << std::endl;
}

bool share(double number) { return number >= 0 && number <= 1; }

}  // namespace

int receive_command(const ReceiveOptions& options, std::ostream& out, std::ostream& err) {
  if (options.port < 0 || options.port > 65535 || !share(options.nack_share) || !share(options.cut) ||
      (options.reply != "AA" && options.reply != "AE" && options.reply != "AR")) {
    err << "tombolo receive: expected a port, shares from 0 to 1, and AA, AE or AR as the reply\n";
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
      app.add_subcommand("receive", "receive over MLLP on 127.0.0.1 for tests, and report repeats, gaps and order");
  receive->add_option("port", options->port, "0: a free one, which is printed")
      ->required()
      ->check(CLI::Range(0, 65535));
  receive->add_option("--reply", options->reply, "AA, AE or AR")->check(CLI::IsMember({"AA", "AE", "AR"}));
  receive->add_option("--nack-share", options->nack_share, "this share is refused: 0.1")->check(CLI::Range(0.0, 1.0));
  receive->add_option("--cut", options->cut, "at this share the connection is closed without a reply: 0.01")
      ->check(CLI::Range(0.0, 1.0));
  receive->add_option("--delay", *delay, "before each reply: 50ms");
  receive->add_option("--out", options->out, "append a line of JSON for each message to this file");
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
