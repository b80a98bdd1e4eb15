// What TLS or a certificate did wrong, in OpenSSL's words.
#pragma once

#include <boost/system/error_category.hpp>

namespace tombolo::tls {

const boost::system::error_category& category();

}  // namespace tombolo::tls
