// The bytes' way: plain TCP. TLS comes in by changing this type; nothing else of MLLP names a socket.
#pragma once

#include <boost/asio/ip/tcp.hpp>

namespace tombolo::mllp {

using Stream = boost::asio::ip::tcp::socket;

}  // namespace tombolo::mllp
