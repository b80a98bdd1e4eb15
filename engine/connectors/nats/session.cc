#include "engine/connectors/nats/session.h"

#include <nats/nats.h>

#include <algorithm>

namespace tombolo::nats {
namespace {

template <auto destroy>
struct Destroy {
  template <class T>
  void operator()(T* held) const { destroy(held); }
};
using Settings = std::unique_ptr<natsOptions, Destroy<natsOptions_Destroy>>;
using Connection = std::unique_ptr<natsConnection, Destroy<natsConnection_Destroy>>;
using JetStream = std::unique_ptr<jsCtx, Destroy<jsCtx_Destroy>>;
using Subscription = std::unique_ptr<natsSubscription, Destroy<natsSubscription_Destroy>>;
using StreamInfo = std::unique_ptr<jsStreamInfo, Destroy<jsStreamInfo_Destroy>>;
using ConsumerInfo = std::unique_ptr<jsConsumerInfo, Destroy<jsConsumerInfo_Destroy>>;
using Receipt = std::unique_ptr<jsPubAck, Destroy<jsPubAck_Destroy>>;
using RawMessage = std::unique_ptr<natsMsg, Destroy<natsMsg_Destroy>>;
using About = std::unique_ptr<jsMsgMetaData, Destroy<jsMsgMetaData_Destroy>>;

std::int64_t milliseconds(Duration d) { return std::max<std::int64_t>(1, d.count() / 1000); }

std::string code_of(natsStatus status, int error) {
  switch (status) {
    case NATS_CONNECTION_AUTH_FAILED:
    case NATS_NOT_PERMITTED:
    case NATS_SSL_ERROR:
    case NATS_SECURE_CONNECTION_WANTED:
    case NATS_SECURE_CONNECTION_REQUIRED: return "401";
    case NATS_MAX_PAYLOAD: return "413";
    case NATS_TIMEOUT: return "timeout";
    default: break;
  }
  switch (error) {
    case 0: return "unreachable";
    case JSStreamMessageExceedsMaximumErr: return "413";
    case JSStreamNotFoundErr:
    case JSStreamNotMatchErr: return "404";
    case JSStreamSealedErr: return "403";
    default: return "503";
  }
}

// A session survives what the server said no to; whatever else went wrong, a new one is opened.
[[noreturn]] void fail(natsStatus status, int error, const std::string& what) {
  const char* const said = nats_GetLastError(nullptr);
  const bool answered = error != 0 || status == NATS_MAX_PAYLOAD;
  throw Failure(code_of(status, error), what + ": " + (answered && said && *said ? said : natsStatus_GetText(status)), !answered);
}
void check(natsStatus status, const std::string& what) {
  if (status != NATS_OK) fail(status, 0, what);
}

Settings settings_of(const Server& server) {
  natsOptions* made = nullptr;
  check(natsOptions_Create(&made), "the NATS library");
  Settings settings(made);
  const std::string url = "nats://" + text(server.address);
  check(natsOptions_SetURL(made, url.c_str()), url);
  check(natsOptions_SetName(made, "tombolo"), url);
  check(natsOptions_SetTimeout(made, milliseconds(server.timeout)), url);
  check(natsOptions_SetAllowReconnect(made, false), url);
  check(natsOptions_SetIgnoreDiscoveredServers(made, true), url);
  check(natsOptions_SetPingInterval(made, 10'000), url);
  check(natsOptions_SetWriteDeadline(made, milliseconds(server.timeout)), url);
  if (!server.user.empty()) check(natsOptions_SetUserInfo(made, server.user.c_str(), server.password.c_str()), "user and password");
  if (!server.token.empty()) check(natsOptions_SetToken(made, server.token.c_str()), "token");
  if (!server.credentials.empty()) check(natsOptions_SetUserCredentialsFromFiles(made, server.credentials.c_str(), nullptr), server.credentials);
  if (server.tls) {
    const auto& tls = *server.tls;
    check(natsOptions_SetSecure(made, true), "tls");
    check(natsOptions_SetExpectedHostname(made, (tls.name.empty() ? server.address.host : tls.name).c_str()), "tls");
    if (!tls.ca.empty()) check(natsOptions_LoadCATrustedCertificates(made, tls.ca.c_str()), tls.ca);
    const std::string& key = tls.key.empty() ? tls.certificate : tls.key;
    if (!tls.certificate.empty()) check(natsOptions_LoadCertificatesChain(made, tls.certificate.c_str(), key.c_str()), tls.certificate);
  }
  return settings;
}

}  // namespace

struct Session::Held {
  std::string stream;
  std::size_t max_message = 0;
  std::int64_t timeout = 0;  // milliseconds
  Connection connection;
  JetStream jet;
  Subscription subscription;  // these three go in the reverse order

  void find_stream(const std::vector<std::string>& create);
  void make_consumer(const Pull& what);
  Message taken(natsMsg* raw) const;
};

Session::Session(const Server& server, std::string stream, const std::vector<std::string>& create) : held_(std::make_unique<Held>()) {
  held_->stream = std::move(stream);
  held_->timeout = milliseconds(server.timeout);
  const Settings settings = settings_of(server);
  natsConnection* connection = nullptr;
  const natsStatus connected = natsConnection_Connect(&connection, settings.get());
  held_->connection.reset(connection);
  check(connected, text(server.address));
  jsOptions options;
  jsOptions_Init(&options);
  options.Wait = held_->timeout;
  jsCtx* jet = nullptr;
  check(natsConnection_JetStream(&jet, connection, &options), "JetStream");
  held_->jet.reset(jet);
  held_->find_stream(create);
}

Session::~Session() {
  if (held_->connection) natsConnection_FlushTimeout(held_->connection.get(), held_->timeout);  // what was said of messages goes out
}

void Session::Held::find_stream(const std::vector<std::string>& create) {
  jsStreamInfo* info = nullptr;
  jsErrCode error = jsErrCode(0);
  natsStatus status = js_GetStreamInfo(&info, jet.get(), stream.c_str(), nullptr, &error);
  if (error == JSStreamNotFoundErr || status == NATS_NOT_FOUND) {
    if (create.empty()) throw Failure("404", "the server has no stream '" + stream + "'; make it there, or let `create` name its subjects", true);
    std::vector<const char*> subjects;
    for (const auto& subject : create) subjects.push_back(subject.c_str());
    jsStreamConfig config;
    jsStreamConfig_Init(&config);
    config.Name = stream.c_str();
    config.Subjects = subjects.data();
    config.SubjectsLen = static_cast<int>(subjects.size());
    error = jsErrCode(0);
    status = js_AddStream(&info, jet.get(), &config, nullptr, &error);
  }
  const StreamInfo held(info);
  if (status != NATS_OK) fail(status, error, "the stream '" + stream + "'");
}

bool Session::publish(const std::string& subject, const std::string& id, const std::string& content_type, std::string_view bytes) {
  natsMsg* made = nullptr;
  check(natsMsg_Create(&made, subject.c_str(), nullptr, bytes.data(), static_cast<int>(bytes.size())), "a message");
  const RawMessage message(made);
  if (!content_type.empty()) check(natsMsgHeader_Set(made, "Content-Type", content_type.c_str()), "a header");
  jsPubOptions options;
  jsPubOptions_Init(&options);
  options.MsgId = id.c_str();
  options.ExpectStream = held_->stream.c_str();
  options.MaxWait = held_->timeout;
  jsPubAck* ack = nullptr;
  jsErrCode error = jsErrCode(0);
  const natsStatus status = js_PublishMsg(&ack, held_->jet.get(), made, &options, &error);
  const Receipt receipt(ack);
  if (status != NATS_OK) fail(status, error, "publishing to the stream '" + held_->stream + "'");
  return !receipt->Duplicate;
}

void Session::Held::make_consumer(const Pull& what) {
  jsConsumerInfo* info = nullptr;
  jsErrCode error = jsErrCode(0);
  natsStatus status = js_GetConsumerInfo(&info, jet.get(), stream.c_str(), what.durable.c_str(), nullptr, &error);
  if (error == JSConsumerNotFoundErr || status == NATS_NOT_FOUND) {
    jsConsumerConfig config;
    jsConsumerConfig_Init(&config);
    config.Durable = what.durable.c_str();
    config.AckPolicy = js_AckExplicit;
    config.DeliverPolicy = what.only_new ? js_DeliverNew : js_DeliverAll;
    config.AckWait = what.answer_within.count() * 1000;
    config.MaxAckPending = what.most;
    config.MaxDeliver = -1;
    if (!what.filter.empty()) config.FilterSubject = what.filter.c_str();
    error = jsErrCode(0);
    status = js_AddConsumer(&info, jet.get(), stream.c_str(), &config, nullptr, &error);
  }
  const ConsumerInfo held(info);
  if (status != NATS_OK) fail(status, error, "the consumer '" + what.durable + "' of the stream '" + stream + "'");
  const auto& found = *held->Config;
  if (found.DeliverSubject || found.AckPolicy != js_AckExplicit || found.MaxDeliver > 0)
    throw Failure("404", "the consumer '" + what.durable + "' is another's: expected one that is pulled, answers each message and hands out without end", true);
}

void Session::pull(const Pull& what) {
  held_->max_message = what.max_message;
  held_->make_consumer(what);
  jsSubOptions options;
  jsSubOptions_Init(&options);
  options.Stream = held_->stream.c_str();
  options.Consumer = what.durable.c_str();
  natsSubscription* made = nullptr;
  jsErrCode error = jsErrCode(0);
  const natsStatus status = js_PullSubscribe(&made, held_->jet.get(), what.filter.empty() ? nullptr : what.filter.c_str(), what.durable.c_str(),
                                             nullptr, &options, &error);
  held_->subscription.reset(made);
  if (status != NATS_OK) fail(status, error, "the consumer '" + what.durable + "'");
}

Message Session::Held::taken(natsMsg* raw) const {
  Message message;
  jsMsgMetaData* found = nullptr;
  check(natsMsg_GetMetaData(&found, raw), "a message of the stream");
  const About about(found);
  const auto size = static_cast<std::size_t>(natsMsg_GetDataLength(raw));
  message.too_large = size > max_message;
  message.bytes.assign(natsMsg_GetData(raw), std::min(size, max_message));
  message.answer_to = natsMsg_GetReply(raw);
  message.name = std::string(about->Stream) + " " + std::to_string(about->Sequence.Stream) + " " + std::to_string(about->Timestamp);
  message.again = about->NumDelivered > 1;
  return message;
}

std::vector<Message> Session::fetch(int most, Duration limit) {
  natsMsgList list{nullptr, 0};
  jsErrCode error = jsErrCode(0);
  const natsStatus status = natsSubscription_Fetch(&list, held_->subscription.get(), most, milliseconds(limit), &error);
  if (status == NATS_TIMEOUT) {
    if (natsConnection_Status(held_->connection.get()) != NATS_CONN_STATUS_CONNECTED) fail(NATS_CONNECTION_CLOSED, 0, "pulling");
    return {};
  }
  if (status != NATS_OK) fail(status, 0, "pulling");
  const std::unique_ptr<natsMsgList, Destroy<natsMsgList_Destroy>> held(&list);
  std::vector<Message> taken;
  for (int i = 0; i < list.Count; ++i) taken.push_back(held_->taken(list.Msgs[i]));
  return taken;
}

void Session::say(const Message& message, Word word, Duration later) {
  const std::string said = word == Word::done    ? "+ACK"
                           : word == Word::never ? "+TERM"
                                                 : "-NAK {\"delay\": " + std::to_string(later.count() * 1000) + "}";
  check(natsConnection_PublishString(held_->connection.get(), message.answer_to.c_str(), said.c_str()), "answering");
}

Server read_server(Reader& reader) {
  Server server;
  if (const auto address = read_address(reader, "server")) server.address = *address;
  else if (!reader.has("server")) reader.error("", "NATS needs 'server', such as 127.0.0.1:4222");
  server.user = reader.text("user");
  server.password = reader.secret("password").value_or("");
  server.token = reader.secret("token").value_or("");
  server.credentials = reader.text("credentials");
  if (server.user.empty() && reader.has("password")) reader.error("password", "a password goes with 'user'");
  if (reader.has("user") + reader.has("token") + reader.has("credentials") > 1)
    reader.error("user", "expected one of 'user', 'token' and 'credentials'");
  server.timeout = reader.duration("timeout", server.timeout);
  if (server.timeout < std::chrono::milliseconds(10)) reader.error("timeout", "expected at least 10ms");
  const auto guard = tls::read_guard(reader, tls::Part::client, "server", server.address.host);
  server.tls = guard.tls;
  server.plain_beyond = guard.plain_beyond;
  if (guard.tls && (!guard.tls->crl.empty() || guard.tls->minimum == tls::Version::v13))
    reader.error("tls", "the NATS wire has no 'crl' and no 'minimum' of its own");
  return server;
}

std::vector<SettingSpec> server_settings() {
  return {{"server", "address", "required", "the server: 127.0.0.1:4222"},
          {"user", "text", "", "who this is; with `password`"},
          {"password", "secret", "", "!secret NAME"},
          {"token", "secret", "", "!secret NAME, in place of user and password"},
          {"credentials", "path", "", "a file with JWT and seed, in place of both"},
          {"timeout", "duration", "5s", "for connecting, and for each answer of the server"},
          {"insecure", "truth", "false", "allows plain traffic beyond this machine"},
          tls::tls_setting()};
}

}  // namespace tombolo::nats
