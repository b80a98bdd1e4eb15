#include <algorithm>
#include <memory>
#include <utility>

#include "engine/base/events.h"
#include "engine/base/letters.h"
#include "engine/connectors/kafka/kafka.h"
#include "engine/connectors/kafka/producer.h"
#include "engine/connectors/tcp.h"
#include "engine/connectors/tls/options.h"

namespace tombolo {
namespace {

namespace net = boost::asio;

struct Options {
  kafka::Settings settings;
  std::string brokers, topic;
  int in_hand = 64;
  bool plain_beyond = false;
};

void read_tls(const tls::Options& tls, Reader& reader, kafka::Settings& settings) {
  if (!tls.name.empty() || tls.minimum == tls::Version::v13) reader.error("tls", "the Kafka wire has no 'name' and no 'minimum' of its own");
  settings.emplace_back("ssl.endpoint.identification.algorithm", "https");
  if (!tls.ca.empty()) settings.emplace_back("ssl.ca.location", tls.ca);
  if (!tls.crl.empty()) settings.emplace_back("ssl.crl.location", tls.crl);
  if (tls.certificate.empty()) return;
  settings.emplace_back("ssl.certificate.location", tls.certificate);
  settings.emplace_back("ssl.key.location", tls.key.empty() ? tls.certificate : tls.key);
}

std::string read_brokers(Reader& reader, std::string& beyond) {
  std::string all;
  for (const auto& text : reader.texts("brokers")) {
    const auto address = to_host_port(text);
    if (!address) reader.error("brokers", "expected an address such as 127.0.0.1:9092, found '" + text + "'");
    else if (!loopback(address->host)) beyond = address->host;
    all += (all.empty() ? "" : ",") + text;
  }
  if (all.empty()) reader.error("brokers", "Kafka needs 'brokers', such as [\"127.0.0.1:9092\"]");
  return all;
}

bool good_topic(std::string_view name) {
  return !name.empty() && name.size() < 250 && name != "." && name != ".." &&
         std::all_of(name.begin(), name.end(), [](char c) { return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-'; });
}

Options read(const Setting& block, Diagnostics& diagnostics) {
  Reader reader(block, "kafka destination", diagnostics);
  Options o;
  std::string beyond = "127.0.0.1";
  o.brokers = read_brokers(reader, beyond);
  o.topic = reader.required("topic");
  if (!o.topic.empty() && !good_topic(o.topic)) reader.error("topic", "a topic is letters, digits, '.', '_' and '-'; found '" + o.topic + "'");
  o.in_hand = static_cast<int>(reader.number("in_hand", o.in_hand, 1, 10'000));
  const Duration timeout = reader.duration("timeout", std::chrono::seconds(30));
  if (timeout < std::chrono::milliseconds(10)) reader.error("timeout", "expected at least 10ms");
  const std::size_t largest = reader.bytes("max_message", 1'000'000);
  if (largest < 1000 || largest > 1'000'000'000) reader.error("max_message", "expected 1000 bytes to 1 GB");
  const std::string compression = reader.one_of("compression", {"none", "gzip", "lz4", "zstd", "snappy"}, "none");
  const std::string mechanism = reader.one_of("sasl", {"none", "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"}, "none");
  const std::string user = reader.text("user");
  const std::string password = reader.secret("password").value_or("");
  if (mechanism != "none" && (user.empty() || !reader.has("password"))) reader.error("sasl", "'sasl' needs 'user' and 'password'");
  if (mechanism == "none" && (reader.has("user") || reader.has("password"))) reader.error("user", "'user' and 'password' need 'sasl': PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512");
  const auto guard = tls::read_guard(reader, tls::Part::client, "brokers", beyond);
  o.plain_beyond = guard.plain_beyond;
  o.settings = {{"bootstrap.servers", o.brokers},
                {"client.id", "tombolo"},
                {"enable.idempotence", "true"},
                {"acks", "all"},
                {"linger.ms", "1"},
                {"message.max.bytes", std::to_string(largest)},
                {"message.timeout.ms", std::to_string(timeout.count() / 1000)},
                {"compression.codec", compression},
                {"security.protocol", std::string(mechanism == "none" ? "" : "sasl_") + (guard.tls ? "ssl" : "plaintext")}};
  if (guard.tls) read_tls(*guard.tls, reader, o.settings);
  if (mechanism != "none") o.settings.insert(o.settings.end(), {{"sasl.mechanism", mechanism}, {"sasl.username", user}, {"sasl.password", password}});
  reader.finish();
  return o;
}

class KafkaDestination final : public Destination {
 public:
  KafkaDestination(Options options, const std::string& channel, const Edges& edges) : options_(std::move(options)), executor_(edges.executor) {
    if (options_.plain_beyond && edges.log) (*edges.log)(event::destination_insecure, {{"channel", channel}, {"address", options_.brokers}});
  }

  net::awaitable<Sent> send(const Envelope& envelope) override {
    if (!producer_ || producer_->dead()) {
      producer_ = std::make_shared<kafka::Producer>(options_.settings, options_.topic, executor_);
      ++producers_;
    }
    const auto used = producer_;  // stays until its report is there, whoever replaces it
    auto producing = used->produce(envelope);
    Sent sent = co_await std::move(producing);
    if (sent.accepted) ++stored_;
    co_return sent;
  }

  int connections() const override { return options_.in_hand; }
  std::vector<Count> counts() const override { return {{"stored", stored_}, {"producers", producers_}}; }

 private:
  const Options options_;
  const net::any_io_executor executor_;
  std::shared_ptr<kafka::Producer> producer_;  // shared with the deliveries under way
  std::uint64_t stored_ = 0, producers_ = 0;
};

}  // namespace

DestinationPlug kafka_destination() {
  return {"kafka", "produces to a topic of Kafka; delivered when every replica in sync has it",
          "kafka: { brokers: [\"127.0.0.1:9092\"], topic: hl7, compression: zstd }\n",
          {{"brokers", "list of addresses", "required", "where the cluster is asked for its brokers"},
           {"topic", "name", "required", "the topic; the key is the message's order key"},
           {"in_hand", "number", "64", "messages whose report is awaited at once"},
           {"timeout", "duration", "30s", "how long a message may take, with the library's own tries"},
           {"max_message", "size", "1000000", "longer ones are refused (413)"},
           {"compression", "word", "none", "none, gzip, lz4, zstd, snappy"},
           {"sasl", "word", "none", "none, PLAIN, SCRAM-SHA-256, SCRAM-SHA-512"},
           {"user", "text", "required with sasl", "who this is"},
           {"password", "secret", "required with sasl", "!secret NAME"},
           {"insecure", "truth", "false", "allows plain traffic beyond this machine"},
           tls::tls_setting()},
          [](const Setting& block, const std::string& channel, Diagnostics& diagnostics, const Edges* edges) -> std::unique_ptr<Destination> {
            auto options = read(block, diagnostics);
            if (!edges || diagnostics.failed()) return nullptr;
            return std::make_unique<KafkaDestination>(std::move(options), channel, *edges);
          }};
}

}  // namespace tombolo
