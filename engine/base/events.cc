#include "engine/base/events.h"

#include <array>

namespace tombolo::event {

std::span<const Event* const> all() {
  static constexpr std::array list{&engine_started, &engine_stopping, &engine_stopped};
  return list;
}

}  // namespace tombolo::event
