// Asio, compiled once for whoever links the store without a wire (BOOST_ASIO_SEPARATE_COMPILATION).
#include <boost/asio/impl/src.hpp>
