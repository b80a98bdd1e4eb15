// A 64-bit hash of bytes that stands in the database: the same on every machine and in every version. It tells equal content
// from other content where chance is the only opponent; it is no protection against somebody who wants two to be equal.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tombolo::store {

std::uint64_t fingerprint(std::string_view bytes);

// What a duplicate key is kept and looked for as. Short keys stay as they are; of long ones the beginning and a hash of the
// whole: keys that ascend (most senders count) stay neighbours in the index, which then grows at one end only.
std::string short_key(std::string_view key);

}  // namespace tombolo::store
