// Against the mock cluster that librdkafka brings with it: the library's own, not a foreign broker.
#include "engine/connectors/kafka/kafka.h"

#include <catch2/catch.hpp>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <map>

#include "tests/connectors/peer.h"

using namespace tombolo;
using namespace tombolo::test;

namespace {

struct Record {
  std::string key, id, body;
  int partition = -1;
};

class Cluster {
 public:
  Cluster() {
    char why[256];
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    rd_kafka_conf_set_log_cb(conf, [](const rd_kafka_t*, int, const char*, const char*) {});
    host_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    cluster_ = rd_kafka_mock_cluster_new(host_, 1);
    rd_kafka_mock_topic_create(cluster_, "hl7", 4, 1);
  }
  ~Cluster() {
    rd_kafka_mock_cluster_destroy(cluster_);
    rd_kafka_destroy(host_);
  }
  std::string brokers() const { return rd_kafka_mock_cluster_bootstraps(cluster_); }
  void answer_with(rd_kafka_resp_err_t error) { rd_kafka_mock_push_request_errors(cluster_, 0 /* Produce */, 1, error); }
  void down() { rd_kafka_mock_broker_set_down(cluster_, 1); }
  void up() { rd_kafka_mock_broker_set_up(cluster_, 1); }

  std::vector<Record> read(std::size_t count) {
    char why[256];
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "bootstrap.servers", brokers().c_str(), why, sizeof why);
    rd_kafka_conf_set(conf, "group.id", "test", why, sizeof why);
    rd_kafka_t* reader = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof why);
    rd_kafka_poll_set_consumer(reader);
    rd_kafka_topic_partition_list_t* parts = rd_kafka_topic_partition_list_new(4);
    for (int i = 0; i < 4; ++i) rd_kafka_topic_partition_list_add(parts, "hl7", i)->offset = RD_KAFKA_OFFSET_BEGINNING;
    rd_kafka_assign(reader, parts);
    rd_kafka_topic_partition_list_destroy(parts);
    std::vector<Record> all;
    for (int tries = 0; tries < 100 && all.size() < count; ++tries) {
      rd_kafka_message_t* m = rd_kafka_consumer_poll(reader, 100);
      if (m && m->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        Record r;
        r.partition = m->partition;
        r.key.assign(static_cast<const char*>(m->key), m->key_len);
        r.body.assign(static_cast<const char*>(m->payload), m->len);
        rd_kafka_headers_t* headers = nullptr;
        const void* value = nullptr;
        std::size_t size = 0;
        if (rd_kafka_message_headers(m, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR && rd_kafka_header_get_last(headers, "delivery-id", &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR)
          r.id.assign(static_cast<const char*>(value), size);
        all.push_back(std::move(r));
      }
      if (m) rd_kafka_message_destroy(m);
    }
    rd_kafka_consumer_close(reader);
    rd_kafka_destroy(reader);
    return all;
  }

 private:
  rd_kafka_t* host_ = nullptr;
  rd_kafka_mock_cluster_t* cluster_ = nullptr;
};

class Rig {
 public:
  explicit Rig(const std::string& brokers, const std::string& more = "") {
    const Edges edges = loop.edges();
    destination = make(kafka_destination(), "{ brokers: [\"" + brokers + "\"], topic: hl7" + more + " }", &edges);
  }
  Sent send(std::string id, std::string key, std::string body) {
    Envelope e;
    e.id = id;
    e.bytes = body;
    e.content_type = "application/hl7-v2";
    e.order_key = key;
    return loop.start(destination->send(e)).get();
  }
  Loop loop;
  std::unique_ptr<Destination> destination;
};

}  // namespace

TEST_CASE("a message is delivered when the cluster has reported it, with its key and its delivery's id", "[kafka]") {
  Cluster cluster;
  Rig rig(cluster.brokers());
  for (int i = 0; i < 20; ++i) {
    const Sent sent = rig.send("D" + std::to_string(i), "P" + std::to_string(i % 5), "body " + std::to_string(i));
    CAPTURE(sent.detail);
    REQUIRE(sent.code == "stored");
    CHECK(sent.accepted);
  }
  std::map<std::string, int> partition;
  std::map<std::string, int> last;
  const auto records = cluster.read(20);
  REQUIRE(records.size() == 20);
  for (const auto& r : records) {
    const int number = std::stoi(r.id.substr(1));
    CHECK(r.body == "body " + std::to_string(number));
    CHECK(r.key == "P" + std::to_string(number % 5));
    CHECK(partition.emplace(r.key, r.partition).first->second == r.partition);  // one key, one partition
    CHECK(last.emplace(r.key, -1).first->second < number);                      // and in order
    last[r.key] = number;
  }
}

TEST_CASE("what the cluster may take later is tried again by the library, what it never takes is said", "[kafka]") {
  Cluster cluster;
  Rig rig(cluster.brokers(), ", timeout: 5s, max_message: 2000");
  cluster.answer_with(RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS);
  CHECK(rig.send("D1", "P", "one").code == "stored");
  CHECK(rig.send("D2", "P", std::string(5000, 'x')).code == "413");
  cluster.answer_with(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
  CHECK(rig.send("D3", "P", "three").code == "403");
}

TEST_CASE("a cluster that is gone is a time-out, and takes it when it is back", "[kafka]") {
  Cluster cluster;
  Rig rig(cluster.brokers(), ", timeout: 1s");
  CHECK(rig.send("D1", "P", "one").code == "stored");
  cluster.down();
  const Sent sent = rig.send("D2", "P", "two");
  CHECK(sent.code == "timeout");
  CHECK(!sent.accepted);
  cluster.up();
  std::string code;
  for (int tries = 0; tries < 20 && code != "stored"; ++tries) code = rig.send("D2", "P", "two").code;
  CHECK(code == "stored");
}

TEST_CASE("a password without sasl, a literal one, and plain traffic beyond this machine are faults", "[kafka]") {
  CHECK(faults(kafka_destination(), "{ brokers: [\"bus.north.example:9092\"], topic: hl7 }").find("insecure") != std::string::npos);
  CHECK(faults(kafka_destination(), "{ brokers: [\"127.0.0.1:9092\"], topic: hl7, user: house }").find("need 'sasl'") != std::string::npos);
  CHECK(faults(kafka_destination(), "{ brokers: [\"127.0.0.1:9092\"], topic: hl7, sasl: PLAIN, user: house, password: open }") != "");
  CHECK(faults(kafka_destination(), "{ brokers: [\"127.0.0.1:9092\"], topic: \"a b\" }").find("a topic is") != std::string::npos);
}
