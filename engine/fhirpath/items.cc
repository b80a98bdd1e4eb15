#include "engine/fhirpath/items.h"

#include <algorithm>
#include <memory>

namespace tombolo::fhirpath {

void Items::append(const Items& other) {
  const std::size_t count = other.size();
  if (size_ + count > room_) grow(size_ + count);
  std::uninitialized_copy_n(other.data(), count, data() + size_);
  size_ += static_cast<std::uint32_t>(count);
}

void Items::grow(std::size_t least) {
  const std::size_t room = std::max<std::size_t>(least, room_ * std::size_t{2});
  void* const bytes = arena_->resource()->allocate(room * sizeof(Item), alignof(Item));
  Item* const more = static_cast<Item*>(bytes);
  std::uninitialized_copy_n(data(), size_, more);
  more_ = more;
  room_ = static_cast<std::uint32_t>(room);
}

}  // namespace tombolo::fhirpath
