#include "engine/connectors/kafka/producer.h"

#include <librdkafka/rdkafka.h>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace tombolo::kafka {

namespace net = boost::asio;

namespace {

constexpr int last_moment = 2000;  // milliseconds

// One message under way, owned by the library's report.
struct Waiting {
  net::any_completion_handler<void(Sent)> handler;
  net::any_io_executor executor;  // counted as work
};

void tell(std::unique_ptr<Waiting> waiting, Sent sent) {
  auto executor = waiting->executor;
  net::post(executor, [waiting = std::move(waiting), sent = std::move(sent)]() mutable { std::move(waiting->handler)(std::move(sent)); });
}

std::string code_of(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE: return "413";
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION: return "refused";
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED: return "401";
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED: return "403";
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART: return "404";
    case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT: return "timeout";
    case RD_KAFKA_RESP_ERR__QUEUE_FULL: return "503";
    case RD_KAFKA_RESP_ERR__FATAL:
    case RD_KAFKA_RESP_ERR__PURGE_QUEUE:
    case RD_KAFKA_RESP_ERR__PURGE_INFLIGHT: return "unreachable";
    default: return "503";
  }
}

}  // namespace

struct Producer::Held {
  std::string topic;
  net::any_io_executor executor;
  rd_kafka_t* producer = nullptr;
  std::atomic<bool> stopping = false, dead = false;
  std::mutex lock;           // of `trouble`
  std::string trouble;       // what the library said last of its brokers: a time-out alone says little
  std::thread reports;

  Sent failed(rd_kafka_resp_err_t error) {
    Sent sent;
    sent.code = code_of(error);
    sent.detail = rd_kafka_err2str(error);
    const std::lock_guard held(lock);
    if (sent.code == "timeout" && !trouble.empty()) sent.detail += ": " + trouble;
    return sent;
  }

  static void reported(rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
    auto& held = *static_cast<Held*>(self);
    std::unique_ptr<Waiting> waiting(static_cast<Waiting*>(message->_private));
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) return tell(std::move(waiting), held.failed(message->err));
    Sent sent;
    sent.code = "stored";
    sent.accepted = true;
    tell(std::move(waiting), std::move(sent));
  }

  static void troubled(rd_kafka_t*, int error, const char* reason, void* self) {
    auto& held = *static_cast<Held*>(self);
    if (error == RD_KAFKA_RESP_ERR__FATAL) held.dead = true;
    const std::lock_guard lock(held.lock);
    held.trouble = reason;
  }

  void produce(const Envelope& e, net::any_completion_handler<void(Sent)> handler) {
    auto waiting = std::make_unique<Waiting>(Waiting{std::move(handler), net::prefer(executor, net::execution::outstanding_work.tracked)});
    rd_kafka_headers_t* headers = rd_kafka_headers_new(2);
    rd_kafka_header_add(headers, "delivery-id", -1, e.id.data(), static_cast<ssize_t>(e.id.size()));
    rd_kafka_header_add(headers, "content-type", -1, e.content_type.data(), static_cast<ssize_t>(e.content_type.size()));
    void* const body = const_cast<char*>(e.bytes.data());  // copied by the library
    void* const key = e.order_key.empty() ? nullptr : const_cast<char*>(e.order_key.data());
    const auto error = rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                                         RD_KAFKA_V_VALUE(body, e.bytes.size()), RD_KAFKA_V_KEY(key, e.order_key.size()),
                                         RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_OPAQUE(waiting.get()), RD_KAFKA_V_END);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
      waiting.release();  // the report brings it back
      return;
    }
    rd_kafka_headers_destroy(headers);
    tell(std::move(waiting), failed(error));
  }
};

Producer::Producer(const Settings& settings, std::string topic, net::any_io_executor executor) : held_(std::make_unique<Held>()) {
  held_->topic = std::move(topic);
  held_->executor = std::move(executor);
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  char why[512] = "";
  for (const auto& [name, value] : settings) {
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), why, sizeof why) == RD_KAFKA_CONF_OK) continue;
    rd_kafka_conf_destroy(conf);
    throw std::runtime_error("Kafka refuses the setting " + name);  // not its value: it may be a secret
  }
  rd_kafka_conf_set_opaque(conf, held_.get());
  rd_kafka_conf_set_dr_msg_cb(conf, &Held::reported);
  rd_kafka_conf_set_error_cb(conf, &Held::troubled);
  rd_kafka_conf_set_log_cb(conf, [](const rd_kafka_t*, int, const char*, const char*) {});  // what matters comes with a delivery
  held_->producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
  if (!held_->producer) {
    rd_kafka_conf_destroy(conf);
    throw std::runtime_error(std::string("Kafka: ") + why);
  }
  held_->reports = std::thread([held = held_.get()] {
    while (!held->stopping) rd_kafka_poll(held->producer, 100);
  });
}

// What is still under way when the moment is over is reported as purged, and sent again after the next start.
Producer::~Producer() {
  held_->stopping = true;
  held_->reports.join();
  if (rd_kafka_flush(held_->producer, last_moment) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    rd_kafka_purge(held_->producer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    rd_kafka_flush(held_->producer, last_moment);
  }
  rd_kafka_destroy(held_->producer);
}

bool Producer::dead() const { return held_->dead; }

net::awaitable<Sent> Producer::produce(const Envelope& envelope) {
  auto start = [this](auto handler, const Envelope* e) { held_->produce(*e, std::move(handler)); };
  return net::async_initiate<const net::use_awaitable_t<>, void(Sent)>(std::move(start), net::use_awaitable, &envelope);
}

}  // namespace tombolo::kafka
