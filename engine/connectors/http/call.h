// One connection to an HTTP server: one request at a time, kept for the next where the server agrees. Beast stays in
// call.cc.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <string>

#include "engine/connectors/await.h"
#include "engine/connectors/connector.h"
#include "engine/connectors/http/options.h"
#include "engine/connectors/tls/stream.h"

namespace tombolo::http {

class Call {
 public:
  Call(tls::Stream stream, const Options& options);

  // True: open, and nothing came unasked.
  bool alive();
  // Sends the request; false: the server had closed the connection and cannot have got all of it.
  net::awaitable<bool> request(const Envelope& envelope);
  // The outcome: a status, "timeout" or "closed". After it `usable` tells whether the connection may be kept.
  net::awaitable<Sent> reply();
  bool usable() const { return usable_; }

 private:
  tls::Stream stream_;
  const Options& options_;
  Deadline deadline_;
  bool timed_out_ = false;
  bool usable_ = true;
};

}  // namespace tombolo::http
