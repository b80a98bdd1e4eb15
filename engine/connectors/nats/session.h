// A session with a NATS server and one stream of it. Every call blocks and belongs on a thread of its own (errands.h); calls
// from several threads at once are fine. A session that was lost stays lost: its owner opens another one.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "engine/connectors/connector.h"
#include "engine/connectors/tcp.h"
#include "engine/connectors/tls/options.h"

namespace tombolo::nats {

struct Server {
  HostPort address;
  std::string user, password, token;
  std::string credentials;           // a file with the user's JWT and the seed of his key
  std::optional<tls::Options> tls;   // nothing: plain
  bool plain_beyond = false;
  Duration timeout = std::chrono::seconds(5);  // for connecting, and for each question to the server
};
Server read_server(Reader& reader);
std::vector<SettingSpec> server_settings();

// code: as the reply rules of a destination have it: "401" "404" "413" "503" "timeout" "unreachable".
class Failure : public std::runtime_error {
 public:
  Failure(std::string code, const std::string& text, bool lost) : std::runtime_error(text), code_(std::move(code)), lost_(lost) {}
  const std::string& code() const { return code_; }
  bool lost() const { return lost_; }  // the session is of no use any more

 private:
  std::string code_;
  bool lost_;
};

struct Message {
  std::string bytes;
  std::string answer_to;        // the subject that takes what is said of it
  std::string name;             // "STREAM 17 1700000000000000000": the stream, its sequence and the moment it was stored
  bool too_large = false;       // `bytes` is only its beginning
  bool again = false;           // it was handed out before
};

// What is said of a message that was handed out.
enum class Word { done, later, never };

struct Pull {
  std::string durable, filter;
  bool only_new = false;        // where the consumer is made: not what stands in the stream already
  std::int64_t most = 256;      // handed out and not yet answered
  Duration answer_within = std::chrono::seconds(30);
  std::size_t max_message = 16u << 20;
};

class Session {
 public:
  // Connects and looks for the stream. create: the subjects of a stream that is made if it is not there; empty: it must be.
  // Throws Failure, as all of these do.
  Session(const Server& server, std::string stream, const std::vector<std::string>& create);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Stored in the stream when it returns. False: the server had a message of this id already, and kept one.
  bool publish(const std::string& subject, const std::string& id, const std::string& content_type, std::string_view bytes);

  // Makes the durable consumer if it is not there, and binds to it.
  void pull(const Pull& what);
  // At most so many; waits for the first one as long as `limit`, then gives what is there.
  std::vector<Message> fetch(int most, Duration limit);
  void say(const Message& message, Word word, Duration later);

 private:
  struct Held;
  std::unique_ptr<Held> held_;
};

}  // namespace tombolo::nats
