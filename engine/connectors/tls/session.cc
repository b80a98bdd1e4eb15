// Sessions: OpenSSL on a socket that is not its own, and never a signal when the peer is gone.
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <boost/asio/ip/address.hpp>

#include <cerrno>
#include <cstdint>
#include <new>

#include "engine/connectors/tls/context.h"

namespace tombolo::tls {
namespace {

int handle_of(BIO* bio) { return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio))); }

bool later() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

int write_socket(BIO* bio, const char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  const auto n = ::send(handle_of(bio), bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (n < 0 && later()) BIO_set_retry_write(bio);
  return static_cast<int>(n);
}

int read_socket(BIO* bio, char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  const auto n = ::recv(handle_of(bio), bytes, static_cast<std::size_t>(size), 0);
  if (n < 0 && later()) BIO_set_retry_read(bio);
  if (n == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  return static_cast<int>(n);
}

long control(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0;
  return command == BIO_CTRL_FLUSH;
}

int created(BIO* bio) {
  BIO_set_init(bio, 1);
  return 1;
}

BIO_METHOD* socket_method() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
    BIO_meth_set_write(made, write_socket);
    BIO_meth_set_read(made, read_socket);
    BIO_meth_set_ctrl(made, control);
    BIO_meth_set_create(made, created);
    return made;
  }();
  return method;
}

// The certificate must name the host; a name that is an address must stand there as an address.
void expect_host(SSL* session, const std::string& host) {
  X509_VERIFY_PARAM* rules = SSL_get0_param(session);
  X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  boost::system::error_code name;
  boost::asio::ip::make_address(host, name);
  if (!name) {
    X509_VERIFY_PARAM_set1_ip_asc(rules, host.c_str());
    return;
  }
  X509_VERIFY_PARAM_set1_host(rules, host.c_str(), host.size());
  SSL_set_tlsext_host_name(session, host.c_str());
}

}  // namespace

Session open_session(ssl_ctx_st& context, const Options& options, int handle, const std::string& host) {
  Session session(SSL_new(&context));
  BIO* wire = session ? BIO_new(socket_method()) : nullptr;
  if (!wire) throw std::bad_alloc();
  BIO_set_data(wire, reinterpret_cast<void*>(static_cast<std::intptr_t>(handle)));
  SSL_set_bio(session.get(), wire, wire);
  if (options.part == Part::server) {
    SSL_set_accept_state(session.get());
  } else {
    expect_host(session.get(), options.name.empty() ? host : options.name);
    SSL_set_connect_state(session.get());
  }
  return session;
}

}  // namespace tombolo::tls
