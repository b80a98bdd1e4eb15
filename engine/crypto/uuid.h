// Uuid: sixteen bytes, and the name-based kind (RFC 9562 version 5) that keyed ids are made with.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tombolo {

struct Uuid {
  std::array<std::uint8_t, 16> bytes{};
  friend bool operator==(const Uuid&, const Uuid&) = default;
};

// Version 5: SHA-1 over namespace and name. The same two always give the same id; without the namespace nobody can recompute it.
Uuid named_uuid(const Uuid& name_space, std::string_view name);

std::string text(const Uuid& uuid);                       // 36 characters, lower case
void write(const Uuid& uuid, char* out);                  // the same 36 characters, without a terminator
std::optional<Uuid> to_uuid(std::string_view s);          // 8-4-4-4-12 hex digits of either case, nothing around them

}  // namespace tombolo
