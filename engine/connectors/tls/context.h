// From files to what OpenSSL works with. OpenSSL's own types stay in context.cc and stream.cc.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/connectors/tls/options.h"
#include "engine/connectors/tls/stream.h"

struct ssl_ctx_st;

namespace tombolo::tls {

struct Complaint {
  std::string setting;  // "certificate", "key", "ca", "crl"
  std::string text;     // the file, what was found, what was expected
  bool fatal = true;    // false: it works, but somebody should look
};

struct Loaded {
  std::shared_ptr<ssl_ctx_st> context;  // shared with every connection made from it; null: a complaint is fatal
  std::vector<Complaint> complaints;
  std::optional<Time> certificate_until;  // the first end of validity in the chain
  std::optional<Time> crl_until;          // the first "next update"
};

// Reads the files and holds them against each other. Never throws for what is in them.
Loaded load(const Options& options, Time now);

// A session on a connected socket; `handle` stays the caller's. host: whom a client dialled.
Session open_session(ssl_ctx_st& context, const Options& options, int handle, const std::string& host);

}  // namespace tombolo::tls
