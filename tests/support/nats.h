// A nats-server of its own on loopback with its streams in a folder, and a client of its own library's; for tests only.
#pragma once

#include <nats/nats.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/engine.h"

namespace tombolo::test {

class NatsServer {
 public:
  explicit NatsServer(std::vector<std::string> more = {}) : more_(std::move(more)) { start(); }

  static bool installed() { return !program().empty(); }
  void start() {
    std::vector<std::string> words{program(), "-a", "127.0.0.1", "-p", std::to_string(port_), "-js", "-sd", (folder_ / "streams").string()};
    words.insert(words.end(), more_.begin(), more_.end());
    process_ = std::make_unique<Process>(words, folder_.path(), "nats");
    if (!listening(port_)) throw std::runtime_error("nats-server does not listen: " + process_->err());
  }
  void kill() { process_->kill_hard(); }
  void stop_answering() { process_->signal(SIGSTOP); }
  void go_on() { process_->signal(SIGCONT); }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  const TempFolder& folder() const { return folder_; }

 private:
  static std::string program() {
    for (const char* path : {"/usr/sbin/nats-server", "/usr/bin/nats-server", "/usr/local/bin/nats-server"})
      if (std::filesystem::exists(path)) return path;
    return {};
  }
  TempFolder folder_;
  std::uint16_t port_ = free_port();
  std::vector<std::string> more_;
  std::unique_ptr<Process> process_;
};

struct Stored {
  std::string subject, id, content_type, bytes;
};

// Another client of the server.
class NatsClient {
 public:
  explicit NatsClient(const std::string& address, const std::string& user = {}) {
    const std::string url = "nats://" + (user.empty() ? "" : user + "@") + address;
    must(natsConnection_ConnectTo(&connection_, url.c_str()));
    must(natsConnection_JetStream(&jet_, connection_, nullptr));
  }
  ~NatsClient() {
    jsCtx_Destroy(jet_);
    natsConnection_Destroy(connection_);
  }
  NatsClient(const NatsClient&) = delete;
  NatsClient& operator=(const NatsClient&) = delete;

  void make_stream(const char* name, const char* subject) {
    jsStreamConfig config;
    jsStreamConfig_Init(&config);
    config.Name = name;
    config.Subjects = &subject;
    config.SubjectsLen = 1;
    must(js_AddStream(nullptr, jet_, &config, nullptr, nullptr));
  }
  void publish(const std::string& subject, std::string_view bytes) {
    must(js_Publish(nullptr, jet_, subject.c_str(), bytes.data(), static_cast<int>(bytes.size()), nullptr, nullptr));
  }
  std::vector<Stored> stored(const char* stream) {
    std::vector<Stored> all;
    jsStreamInfo* info = nullptr;
    if (js_GetStreamInfo(&info, jet_, stream, nullptr, nullptr) != NATS_OK) return all;
    for (std::uint64_t n = 1; n <= info->State.LastSeq; ++n) {
      natsMsg* message = nullptr;
      must(js_GetMsg(&message, jet_, stream, n, nullptr, nullptr));
      const char *id = "", *type = "";
      natsMsgHeader_Get(message, "Nats-Msg-Id", &id);
      natsMsgHeader_Get(message, "Content-Type", &type);
      all.push_back({natsMsg_GetSubject(message), id ? id : "", type ? type : "",
                     std::string(natsMsg_GetData(message), static_cast<std::size_t>(natsMsg_GetDataLength(message)))});
      natsMsg_Destroy(message);
    }
    jsStreamInfo_Destroy(info);
    return all;
  }
  // Neither waiting to be handed out, nor handed out and not answered.
  bool all_answered(const char* stream, const char* durable) {
    jsConsumerInfo* info = nullptr;
    if (js_GetConsumerInfo(&info, jet_, stream, durable, nullptr, nullptr) != NATS_OK) return false;
    const bool answered = info->NumPending == 0 && info->NumAckPending == 0;
    jsConsumerInfo_Destroy(info);
    return answered;
  }

 private:
  static void must(natsStatus status) {
    if (status != NATS_OK) throw std::runtime_error(std::string("nats: ") + natsStatus_GetText(status));
  }
  natsConnection* connection_ = nullptr;
  jsCtx* jet_ = nullptr;
};

}  // namespace tombolo::test
