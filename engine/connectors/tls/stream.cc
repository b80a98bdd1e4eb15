#include "engine/connectors/tls/stream.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <boost/system/system_error.hpp>

#include <cerrno>
#include <cstring>

#include "engine/connectors/await.h"

namespace tombolo::tls {
namespace {

// Values: X509_V_ERR_… (below 1000) when a certificate did not pass, else OpenSSL's packed error.
class Category final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "tls"; }
  std::string message(int value) const override {
    if (value > 0 && value < 1000) return "certificate not accepted: " + std::string(X509_verify_cert_error_string(value));
    const auto error = static_cast<unsigned long>(value);
    if (ERR_GET_LIB(error) == ERR_LIB_SSL) {
      switch (ERR_GET_REASON(error)) {
        case SSL_R_WRONG_VERSION_NUMBER:
        case SSL_R_HTTP_REQUEST:
        case SSL_R_PACKET_LENGTH_TOO_LONG: return "what the peer sends is not TLS";
        case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE: return "the peer showed no certificate";
        default: break;
      }
    }
    const char* reason = ERR_reason_error_string(error);
    return reason ? reason : "failure of TLS";
  }
};

error_code of_queue(ssl_st* session) {
  const unsigned long error = ERR_peek_last_error();
  ERR_clear_error();
  if (ERR_GET_LIB(error) == ERR_LIB_SSL && ERR_GET_REASON(error) == SSL_R_UNEXPECTED_EOF_WHILE_READING) return net::error::eof;
  const long verdict = SSL_get_verify_result(session);
  if (ERR_GET_REASON(error) == SSL_R_CERTIFICATE_VERIFY_FAILED && verdict != X509_V_OK)
    return {static_cast<int>(verdict), category()};
  return {static_cast<int>(error == 0 ? ERR_PACK(ERR_LIB_SSL, 0, ERR_R_INTERNAL_ERROR) : error), category()};
}

// A name as text; empty for one with a NUL inside: it is there to deceive.
std::string text_of(const ASN1_STRING* string) {
  std::string text(reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
                   static_cast<std::size_t>(ASN1_STRING_length(string)));
  return text.find('\0') == std::string::npos ? text : "";
}

std::string address_of(const ASN1_OCTET_STRING* bytes) {
  const unsigned char* data = ASN1_STRING_get0_data(bytes);
  if (ASN1_STRING_length(bytes) == 4) {
    net::ip::address_v4::bytes_type four;
    std::memcpy(four.data(), data, four.size());
    return net::ip::address_v4(four).to_string();
  }
  if (ASN1_STRING_length(bytes) != 16) return {};
  net::ip::address_v6::bytes_type six;
  std::memcpy(six.data(), data, six.size());
  return net::ip::address_v6(six).to_string();
}

std::string name_of(const GENERAL_NAME* name) {
  switch (name->type) {
    case GEN_DNS: return text_of(name->d.dNSName);
    case GEN_URI: return text_of(name->d.uniformResourceIdentifier);
    case GEN_EMAIL: return text_of(name->d.rfc822Name);
    case GEN_IPADD: return address_of(name->d.iPAddress);
    default: return {};
  }
}

std::string subject_of(X509* certificate) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
  X509_NAME_print_ex(out.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return std::string(text, static_cast<std::size_t>(size));
}

}  // namespace

const boost::system::error_category& category() {
  static const Category one;
  return one;
}

void SessionEnd::operator()(ssl_st* session) const { SSL_free(session); }

Stream::Stream(Socket socket) : socket_(std::move(socket)) {
  error_code ignored;  // a socket that is gone says so at its first read
  socket_.non_blocking(true, ignored);
}

Stream::Stream(Socket socket, Session session) : Stream(std::move(socket)) { session_ = std::move(session); }

std::string Stream::version() const { return session_ ? SSL_get_version(session_.get()) : ""; }

bool Stream::pending() const { return session_ && SSL_has_pending(session_.get()) == 1; }

// What came of a call of OpenSSL that did not succeed.
error_code Stream::outcome(int returned) {
  const int system = errno;
  switch (SSL_get_error(session_.get(), returned)) {
    case SSL_ERROR_WANT_READ: wanted_ = net::socket_base::wait_read; return net::error::would_block;
    case SSL_ERROR_WANT_WRITE: wanted_ = net::socket_base::wait_write; return net::error::would_block;
    case SSL_ERROR_ZERO_RETURN: return net::error::eof;
    case SSL_ERROR_SYSCALL:
      ERR_clear_error();
      return system == 0 ? error_code(net::error::eof) : error_code(system, boost::system::system_category());
    default: return of_queue(session_.get());
  }
}

std::size_t Stream::take(net::mutable_buffer buffer, error_code& error) {
  error = {};
  if (buffer.size() == 0) return 0;
  ERR_clear_error();
  errno = 0;
  std::size_t n = 0;
  const int returned = SSL_read_ex(session_.get(), buffer.data(), buffer.size(), &n);
  if (returned != 1) error = outcome(returned);
  return n;
}

std::size_t Stream::give(net::const_buffer buffer, error_code& error) {
  error = {};
  if (buffer.size() == 0) return 0;
  ERR_clear_error();
  errno = 0;
  std::size_t n = 0;
  const int returned = SSL_write_ex(session_.get(), buffer.data(), buffer.size(), &n);
  if (returned != 1) error = outcome(returned);
  return n;
}

net::awaitable<void> Stream::handshake(Duration limit) {
  bool late = false;
  Deadline deadline(get_executor(), [this, &late] {
    late = true;
    socket_.cancel();
  });
  if (limit > Duration::zero()) deadline.in(limit);
  for (;;) {
    ERR_clear_error();
    errno = 0;
    const int returned = SSL_do_handshake(session_.get());
    if (returned == 1) break;
    const error_code error = outcome(returned);
    if (error != net::error::would_block) throw boost::system::system_error(error);
    const auto [failure] = co_await socket_.async_wait(wanted_, as_result);
    if (late) throw boost::system::system_error(net::error::timed_out);
    if (failure) throw boost::system::system_error(failure);
  }
  learn_identity();
}

void Stream::learn_identity() {
  X509* certificate = SSL_get0_peer_certificate(session_.get());
  if (!certificate) return;
  identity_.subject = subject_of(certificate);
  auto* names = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    if (auto name = name_of(sk_GENERAL_NAME_value(names, i)); !name.empty()) identity_.names.push_back(std::move(name));
  }
  GENERAL_NAMES_free(names);
}

void Stream::cancel() {
  error_code ignored;
  socket_.cancel(ignored);
}

void Stream::shut_send() {
  if (session_ && SSL_is_init_finished(session_.get())) {
    SSL_shutdown(session_.get());  // says that nothing more comes; a socket that is full is closed without it
    ERR_clear_error();
  }
  error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
}

void Stream::close() {
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace tombolo::tls
