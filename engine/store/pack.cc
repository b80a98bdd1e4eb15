#include "engine/store/pack.h"

#include <charconv>

namespace tombolo::store {

void pack(std::string& out, std::string_view text) { (out += std::to_string(text.size()) += ':') += text; }

std::string pack(const std::vector<std::string>& texts) {
  std::string out;
  for (const auto& text : texts) pack(out, text);
  return out;
}

std::vector<std::string> unpack(std::string_view packed) {
  std::vector<std::string> texts;
  while (!packed.empty()) {
    std::size_t size = 0;
    const auto [end, wrong] = std::from_chars(packed.data(), packed.data() + packed.size(), size);
    const auto begin = static_cast<std::size_t>(end - packed.data()) + 1;  // after the colon
    if (wrong != std::errc{} || begin > packed.size() || packed.size() - begin < size) break;
    texts.emplace_back(packed.substr(begin, size));
    packed.remove_prefix(begin + size);
  }
  return texts;
}

}  // namespace tombolo::store
