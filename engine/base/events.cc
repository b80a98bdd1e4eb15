#include "engine/base/events.h"

#include <array>

namespace tombolo::event {

std::span<const Event* const> all() {
  static constexpr std::array list{
      &engine_started, &engine_stopping, &engine_stopped, &channel_started, &channel_reloaded, &channel_removed,
      &channel_not_reloaded, &table_refreshed, &table_not_refreshed, &channel_failed, &source_insecure, &source_refused, &source_garbage, &source_too_large,
      &source_broken, &source_unreachable, &source_failed, &source_full, &source_set_aside, &parcel_repeated, &parcel_failed, &parcel_refused, &parcel_held, &parcel_other_content,
      &delivery_failed, &delivery_dead, &destination_paused, &destination_insecure,
      &destination_foreign_reply, &store_failed,
      &destination_database, &source_database, &tls_reloaded, &tls_not_reloaded, &tls_expiring, &tls_expired, &source_handshake, &parcel_not_its_sender};
  return list;
}

}  // namespace tombolo::event
