#include "engine/connectors/http/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <new>

namespace tombolo::http {
namespace {

constexpr std::size_t most_growth = 200, always_allowed = 1u << 20, piece = 64u << 10;
constexpr int gzip_only = 16 + MAX_WBITS;

struct Unpacking {
  Unpacking() {
    if (inflateInit2(&state, gzip_only) != Z_OK) throw std::bad_alloc();
  }
  ~Unpacking() { inflateEnd(&state); }
  Unpacking(const Unpacking&) = delete;
  Unpacking& operator=(const Unpacking&) = delete;
  z_stream state{};
};

}  // namespace

Result<std::string> gunzip(std::string_view packed, std::size_t most) {
  const std::size_t limit = std::min(most, std::max(always_allowed, packed.size() * most_growth));
  Unpacking unpacking;
  z_stream& z = unpacking.state;
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));  // zlib's const is off; it does not write
  z.avail_in = static_cast<uInt>(packed.size());
  std::string out;
  for (;;) {
    const std::size_t before = out.size();
    out.resize(std::min(before + piece, limit + 1));
    z.next_out = reinterpret_cast<Bytef*>(out.data() + before);
    z.avail_out = static_cast<uInt>(out.size() - before);
    const int said = inflate(&z, Z_NO_FLUSH);
    out.resize(out.size() - z.avail_out);
    if (out.size() > limit) return Fault{Kind::too_large, "", "the body unpacks to more than " + std::to_string(limit) + " bytes"};
    if (said == Z_OK && (z.avail_in > 0 || out.size() > before)) continue;
    if (said != Z_STREAM_END) return Fault{Kind::malformed, "", "the body is no whole gzip"};
    if (z.avail_in > 0) return Fault{Kind::malformed, "", "the gzip has something behind its end"};
    return out;
  }
}

}  // namespace tombolo::http
