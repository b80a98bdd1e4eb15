// Arena: the memory of one message. Texts and nodes live here until the message has been posted; nothing is freed singly.
// Views into an arena die with it and never cross a co_await, a queue or the store.
#pragma once

#include <array>
#include <cstddef>
#include <cstring>
#include <initializer_list>
#include <memory_resource>
#include <string_view>

namespace tombolo {

class Arena {
 public:
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // The bytes of `parts`, one after the other, in the arena.
  std::string_view join(std::initializer_list<std::string_view> parts) {
    std::size_t size = 0;
    for (const auto part : parts) size += part.size();
    char* const begin = buffer(size);
    char* at = begin;
    for (const auto part : parts) {
      if (!part.empty()) std::memcpy(at, part.data(), part.size());
      at += part.size();
    }
    return {begin, size};
  }
  std::string_view copy(std::string_view text) { return join({text}); }

  // `size` writable bytes.
  char* buffer(std::size_t size) { return static_cast<char*>(memory_.allocate(size == 0 ? 1 : size, 1)); }

  std::pmr::memory_resource* resource() { return &memory_; }

  // Forgets everything: for an arena that one worker uses for message after message.
  void clear() { memory_.release(); }

 private:
  alignas(std::max_align_t) std::array<std::byte, 16384> first_;
  std::pmr::monotonic_buffer_resource memory_{first_.data(), first_.size()};
};

}  // namespace tombolo
