#include "engine/base/json_scan.h"

#include <catch2/catch.hpp>

#include <string>

#include "engine/base/json.h"

using namespace tombolo;

TEST_CASE("every version finds the same first byte that needs an escape", "[json]") {
  for (const std::size_t size : {0, 1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 130}) {
    const std::string text(size, '\xC3');
    CHECK(plain_prefix(text) == size);
    for (std::size_t at = 0; at < size; ++at) {
      for (int c = 0; c < 256; ++c) {
        std::string odd = text;
        odd[at] = static_cast<char>(c);
        const bool special = c < 0x20 || c == '"' || c == '\\';
        const std::size_t wanted = special ? at : size;
        bool right = json_scan::portable(odd) == wanted && plain_prefix(odd) == wanted;
#if defined(__x86_64__)
        right = right && json_scan::sse2(odd) == wanted && (!json_scan::has_avx2() || json_scan::avx2(odd) == wanted);
#endif
        if (!right) FAIL("size " << size << ", byte " << c << " at " << at);
      }
    }
  }
}

TEST_CASE("a JSON string is escaped wherever the special bytes stand", "[json]") {
  std::string out;
  append_json_string(out, std::string("a\"b\\c\n\x01", 7) + std::string(40, 'x') + "\t\xC3\xA4");
  CHECK(out == "\"a\\\"b\\\\c\\n\\u0001" + std::string(40, 'x') + "\\t\xC3\xA4\"");
}
