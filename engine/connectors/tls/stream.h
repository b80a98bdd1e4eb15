// Stream: a TCP connection, plain or under TLS, behind one type. Asio's and Beast's stream in both ways (AsyncReadStream,
// AsyncWriteStream, SyncReadStream, SyncWriteStream); plain costs one branch more than the bare socket.
//
// Under TLS OpenSSL reads and writes the socket itself, without a copy between; no header of OpenSSL is seen here. At most
// one read and one write may be under way at once, all on the socket's executor, and the stream is not moved meanwhile.
// The peer's end without TLS's own farewell is an end like any (error::eof): frames and HTTP bodies say their own length.
#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/compose.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/time.h"
#include "engine/connectors/tls/error.h"

struct ssl_st;

namespace tombolo::tls {

namespace net = boost::asio;
using boost::system::error_code;

// Who the other end proved to be. names: its SANs as written ("lab.north.example", "10.1.2.3", "urn:…", "a@b"); empty: it
// showed no certificate.
struct Identity {
  std::string subject;  // "CN=lab,O=North", for people
  std::vector<std::string> names;
};

struct SessionEnd {
  void operator()(ssl_st* session) const;
};
using Session = std::unique_ptr<ssl_st, SessionEnd>;

class Stream {
 public:
  using Socket = net::ip::tcp::socket;
  using executor_type = Socket::executor_type;

  // NOLINTNEXTLINE: a plain stream is a socket.
  Stream(Socket socket);
  Stream(Socket socket, Session session);  // handshake() comes first
  Stream(Stream&&) noexcept = default;
  Stream& operator=(Stream&&) noexcept = default;

  // Throws system_error: timed_out, category() or the system's. Afterwards the peer is known.
  net::awaitable<void> handshake(Duration limit);

  bool encrypted() const { return session_ != nullptr; }
  const Identity& identity() const { return identity_; }
  std::string version() const;  // "TLSv1.3"; empty: plain

  // Something came that was not read yet, though the socket itself may have nothing.
  bool pending() const;

  executor_type get_executor() { return socket_.get_executor(); }
  Socket& socket() { return socket_; }
  const Socket& socket() const { return socket_; }

  // At once what can be done at once; error::would_block: nothing.
  template <class Buffers>
  std::size_t read_some(const Buffers& buffers, error_code& error) {
    return session_ ? take(first(buffers), error) : socket_.read_some(buffers, error);
  }
  template <class Buffers>
  std::size_t write_some(const Buffers& buffers, error_code& error) {
    return session_ ? give(gathered(buffers), error) : socket_.write_some(buffers, error);
  }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return net::async_initiate<Token, void(error_code, std::size_t)>(Reading{this}, token, buffers);
  }
  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return net::async_initiate<Token, void(error_code, std::size_t)>(Writing{this}, token, buffers);
  }

  void cancel();    // what is under way ends with operation_aborted
  void shut_send(); // nothing more comes from us; reading goes on
  void close();

 private:
  enum class Step { first, waiting, done };

  // One asynchronous read or write under TLS: try; while it would block, wait for the socket.
  template <class Buffers, bool reading>
  struct Operation {
    Stream* stream;
    Buffers buffers;
    Step step = Step::first;
    error_code result = {};
    std::size_t n = 0;

    template <class Self>
    void operator()(Self& self, error_code error = {}) {
      if (step == Step::done) return self.complete(result, n);
      if (!error) {
        if constexpr (reading) n = stream->take(Stream::first(buffers), error);
        else n = stream->give(stream->gathered(buffers), error);
        if (error == net::error::would_block) {
          step = Step::waiting;
          return stream->socket_.async_wait(stream->wanted_, std::move(self));
        }
      }
      if (step == Step::waiting) return self.complete(error, n);
      step = Step::done;  // never called back from within the call that began it
      result = error;
      const auto executor = stream->get_executor();
      net::post(executor, std::move(self));
    }
  };
  struct Reading {
    Stream* stream;
    template <class Handler, class Buffers>
    void operator()(Handler&& handler, const Buffers& buffers) const {
      if (!stream->session_) return stream->socket_.async_read_some(buffers, std::forward<Handler>(handler));
      net::async_compose<Handler, void(error_code, std::size_t)>(Operation<Buffers, true>{stream, buffers}, handler,
                                                                 stream->socket_);
    }
  };
  struct Writing {
    Stream* stream;
    template <class Handler, class Buffers>
    void operator()(Handler&& handler, const Buffers& buffers) const {
      if (!stream->session_) return stream->socket_.async_write_some(buffers, std::forward<Handler>(handler));
      net::async_compose<Handler, void(error_code, std::size_t)>(Operation<Buffers, false>{stream, buffers}, handler,
                                                                 stream->socket_);
    }
  };

  template <class Buffers>
  static net::mutable_buffer first(const Buffers& buffers) {
    for (auto it = net::buffer_sequence_begin(buffers); it != net::buffer_sequence_end(buffers); ++it) {
      const net::mutable_buffer buffer(*it);
      if (buffer.size() > 0) return buffer;
    }
    return {};
  }

  // The beginning of the sequence in one piece, at most a record of TLS: small parts do not travel alone.
  template <class Buffers>
  net::const_buffer gathered(const Buffers& buffers) {
    std::size_t parts = 0;
    net::const_buffer only;
    gathered_.clear();
    for (auto it = net::buffer_sequence_begin(buffers); it != net::buffer_sequence_end(buffers); ++it) {
      const net::const_buffer buffer(*it);
      if (buffer.size() == 0) continue;
      if (parts++ == 0) {
        only = buffer;
        if (buffer.size() >= record) return buffer;
        continue;
      }
      if (parts == 2) gathered_.assign(static_cast<const char*>(only.data()), only.size());
      gathered_.append(static_cast<const char*>(buffer.data()), std::min(buffer.size(), record - gathered_.size()));
      if (gathered_.size() == record) break;
    }
    return parts < 2 ? only : net::buffer(gathered_);
  }

  static constexpr std::size_t record = 16384;

  std::size_t take(net::mutable_buffer buffer, error_code& error);
  std::size_t give(net::const_buffer buffer, error_code& error);
  error_code outcome(int returned);
  void learn_identity();

  Socket socket_;
  Session session_;  // before the socket it goes: it uses the socket
  Identity identity_;
  std::string gathered_;
  net::socket_base::wait_type wanted_ = net::socket_base::wait_read;  // what the last would_block waits for
};

}  // namespace tombolo::tls
