#include "engine/connectors/tls/context.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <time.h>

#include <algorithm>
#include <new>

#include "engine/base/files.h"

namespace tombolo::tls {
namespace {

template <auto release>
struct Release {
  template <class T>
  void operator()(T* owned) const {
    release(owned);
  }
};
using BioPtr = std::unique_ptr<BIO, Release<BIO_free_all>>;
using CertificatePtr = std::unique_ptr<X509, Release<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using CrlPtr = std::unique_ptr<X509_CRL, Release<X509_CRL_free>>;

// TLS 1.2: forward secrecy and AEAD. TLS 1.3 has nothing else.
constexpr const char* suites =
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:"
    "ECDHE-RSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256";

std::string last_reason() {
  const unsigned long error = ERR_peek_last_error();
  const char* reason = ERR_reason_error_string(error);
  ERR_clear_error();
  return reason ? reason : "unknown to OpenSSL";
}

std::optional<Time> time_of(const ASN1_TIME* when) {
  tm parts{};
  if (!when || ASN1_TIME_to_tm(when, &parts) != 1) return std::nullopt;
  return from_micros(static_cast<std::int64_t>(timegm(&parts)) * 1'000'000);
}

void note_end(std::optional<Time>& first, const ASN1_TIME* when) {
  const auto end = time_of(when);
  if (end && (!first || *end < *first)) first = end;
}

std::string day(Time t) { return iso8601(t).substr(0, 10); }

// What a file that holds no `wanted` holds instead.
std::string instead(std::string_view text) {
  if (text.empty()) return "the file is empty";
  if (text.front() == '\x30') return "found DER; convert it with openssl (-inform DER)";
  const std::size_t begin = text.find("-----BEGIN ");
  if (begin == std::string_view::npos) return "found no PEM";
  const std::size_t end = text.find("-----", begin + 11);
  if (end == std::string_view::npos || end - begin > 60) return "found broken PEM";
  return "found " + std::string(text.substr(begin + 11, end - begin - 11));
}

int no_password(char*, int, int, void*) { return -1; }  // else OpenSSL asks at the terminal

// One reading of one set of files; complaints are gathered, so that all faults are told at once.
class Loading {
 public:
  Loading(const Options& options, Time now) : options_(options), now_(now) {
    context_.reset(SSL_CTX_new(options.part == Part::server ? TLS_server_method() : TLS_client_method()),
                   Release<SSL_CTX_free>());
    if (!context_) throw std::bad_alloc();
  }

  Loaded load() {
    set_rules();
    if (!options_.certificate.empty()) load_certificate();
    if (!options_.ca.empty()) load_authorities();
    else if (options_.part == Part::client) SSL_CTX_set_default_verify_paths(context_.get());
    if (!options_.crl.empty()) load_revocations();
    set_verification();
    const auto& complaints = loaded_.complaints;
    const bool works = std::none_of(complaints.begin(), complaints.end(), [](const Complaint& c) { return c.fatal; });
    if (works) loaded_.context = context_;
    ERR_clear_error();
    return std::move(loaded_);
  }

 private:
  void complain(std::string setting, std::string text, bool fatal = true) {
    loaded_.complaints.push_back({std::move(setting), std::move(text), fatal});
  }

  void set_rules() {
    SSL_CTX* c = context_.get();
    SSL_CTX_set_security_level(c, 2);  // RSA of 2048 bits, no SHA-1
    SSL_CTX_set_min_proto_version(c, options_.minimum == Version::v13 ? TLS1_3_VERSION : TLS1_2_VERSION);
    SSL_CTX_set_max_proto_version(c, 0);
    SSL_CTX_set_cipher_list(c, suites);
    SSL_CTX_set_options(c, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(c, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_read_ahead(c, 1);
    // No resumption: each connection is held against the certificates and revocations of its own hour.
    SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(c, SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(c, 0);
  }

  void set_verification() {
    SSL_CTX* c = context_.get();
    if (options_.part == Part::client) return SSL_CTX_set_verify(c, SSL_VERIFY_PEER, nullptr);
    if (options_.clients == Clients::none) return SSL_CTX_set_verify(c, SSL_VERIFY_NONE, nullptr);
    const int needed = options_.clients == Clients::required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0;
    SSL_CTX_set_verify(c, SSL_VERIFY_PEER | needed, nullptr);
  }

  // The bytes of a file; nothing: it could not be read, and that was said.
  BioPtr open(const std::string& setting, const std::string& path) {
    try {
      bytes_ = read_file(path);
    } catch (const std::exception& e) {
      complain(setting, e.what());
      return nullptr;
    }
    return BioPtr(BIO_new_mem_buf(bytes_.data(), static_cast<int>(bytes_.size())));
  }

  void load_certificate() {
    const auto in = open("certificate", options_.certificate);
    const bool readable = in != nullptr;
    CertificatePtr own;
    while (readable) {
      CertificatePtr next(PEM_read_bio_X509(in.get(), nullptr, no_password, nullptr));
      if (!next) break;
      note_end(loaded_.certificate_until, X509_get0_notAfter(next.get()));
      if (own) SSL_CTX_add1_chain_cert(context_.get(), next.get());
      else own = std::move(next);
    }
    if (readable && !own)
      complain("certificate", options_.certificate + ": expected a certificate in PEM, " + instead(bytes_));
    ERR_clear_error();
    if (own && SSL_CTX_use_certificate(context_.get(), own.get()) != 1) {
      complain("certificate", options_.certificate + ": " + last_reason());
      own.reset();
    }
    if (own) look_at(*own);
    load_key(own.get());
  }

  void look_at(X509& own) {
    const auto begin = time_of(X509_get0_notBefore(&own));
    if (begin && *begin > now_) complain("certificate", options_.certificate + " is valid only from " + day(*begin), false);
    if (loaded_.certificate_until && *loaded_.certificate_until <= now_)
      complain("certificate", options_.certificate + " expired on " + day(*loaded_.certificate_until), false);
    const bool server = options_.part == Part::server;
    if (X509_check_purpose(&own, server ? X509_PURPOSE_SSL_SERVER : X509_PURPOSE_SSL_CLIENT, 0) == 0)
      complain("certificate", options_.certificate + " says it is not for " + (server ? "servers" : "clients"), false);
  }

  void load_key(X509* own) {
    const auto in = open("key", options_.key);
    if (!in) return;
    const KeyPtr key(PEM_read_bio_PrivateKey(in.get(), nullptr, no_password, nullptr));
    if (!key) {
      ERR_clear_error();
      const bool encrypted = bytes_.find("ENCRYPTED") != std::string::npos;
      return complain("key", options_.key + (encrypted ? ": the private key is encrypted; expected one that is not, "
                                                         "readable by the engine only"
                                                       : ": expected a private key in PEM, " + instead(bytes_)));
    }
    if (!own) return;
    if (X509_check_private_key(own, key.get()) != 1) {
      ERR_clear_error();
      return complain("key", options_.key + ": this private key does not belong to the certificate in " + options_.certificate);
    }
    if (SSL_CTX_use_PrivateKey(context_.get(), key.get()) != 1) complain("key", options_.key + ": " + last_reason());
  }

  void load_authorities() {
    const auto in = open("ca", options_.ca);
    if (!in) return;
    bool any = false;
    while (const CertificatePtr authority{PEM_read_bio_X509(in.get(), nullptr, no_password, nullptr)}) {
      any = true;
      X509_STORE_add_cert(SSL_CTX_get_cert_store(context_.get()), authority.get());
      if (options_.part == Part::server) SSL_CTX_add_client_CA(context_.get(), authority.get());
      if (X509_check_ca(authority.get()) == 0)
        complain("ca", options_.ca + " holds a certificate that is no authority's", false);
      const auto end = time_of(X509_get0_notAfter(authority.get()));
      if (end && *end <= now_) complain("ca", options_.ca + " holds an authority that expired on " + day(*end), false);
      authorities_.emplace_back(X509_NAME_dup(X509_get_subject_name(authority.get())));
    }
    ERR_clear_error();
    if (!any) complain("ca", options_.ca + ": expected certificates in PEM, " + instead(bytes_));
  }

  void load_revocations() {
    const auto in = open("crl", options_.crl);
    if (!in) return;
    X509_STORE* store = SSL_CTX_get_cert_store(context_.get());
    bool any = false;
    while (const CrlPtr list{PEM_read_bio_X509_CRL(in.get(), nullptr, no_password, nullptr)}) {
      any = true;
      X509_STORE_add_crl(store, list.get());
      const auto* issuer = X509_CRL_get_issuer(list.get());
      const bool known = authorities_.empty() || std::any_of(authorities_.begin(), authorities_.end(), [&](const auto& name) {
                           return X509_NAME_cmp(name.get(), issuer) == 0;
                         });
      if (!known) complain("crl", options_.crl + " holds a list of an authority that is not in " + options_.ca, false);
      note_end(loaded_.crl_until, X509_CRL_get0_nextUpdate(list.get()));
    }
    ERR_clear_error();
    if (!any) return complain("crl", options_.crl + ": expected a list of revocations (X509 CRL) in PEM, " + instead(bytes_));
    X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
    if (loaded_.crl_until && *loaded_.crl_until <= now_)
      complain("crl", options_.crl + " was to be renewed by " + day(*loaded_.crl_until) + "; no certificate passes until it is", false);
  }

  using NamePtr = std::unique_ptr<X509_NAME, Release<X509_NAME_free>>;
  const Options& options_;
  const Time now_;
  std::shared_ptr<SSL_CTX> context_;
  Loaded loaded_;
  std::string bytes_;  // of the file opened last
  std::vector<NamePtr> authorities_;
};

}  // namespace

Loaded load(const Options& options, Time now) { return Loading(options, now).load(); }

}  // namespace tombolo::tls
