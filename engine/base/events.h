// Every kind of log line. Codes are stable: T1xxx engine, T2xxx sources, T3xxx messages, T4xxx deliveries, T5xxx store.
#pragma once

#include <span>

#include "engine/base/log.h"

namespace tombolo::event {

inline constexpr Event engine_started{"T1001", Level::info, "engine started", "All channels are loaded and listening."};
inline constexpr Event engine_stopping{"T1002", Level::info, "stopping",
    "A signal asked the engine to stop. What is in hand is finished first; a second signal insists."};
inline constexpr Event engine_stopped{"T1003", Level::info, "engine stopped",
    "The engine ended. Everything it had acknowledged is in the store; what was not delivered goes out after the next start."};
inline constexpr Event channel_started{"T1101", Level::info, "channel started", "The channel listens at this address."};
inline constexpr Event channel_reloaded{"T1102", Level::info, "channel reloaded",
    "A changed file was checked and is in force. Connections and messages in hand were kept."};
inline constexpr Event channel_removed{"T1103", Level::info, "channel removed",
    "Its file is gone. What it had accepted stays in the store; waiting deliveries go out when the channel comes back."};
inline constexpr Event channel_not_reloaded{"T1104", Level::error, "changed files are not in force",
    "A changed channel file, map or table has errors (printed by `tombolo check`). The running channels go on as they were."};
inline constexpr Event table_refreshed{"T1201", Level::info, "table refreshed",
    "A code table of `tables/sources.yaml` has other rows than before. The channels are reloaded with them."};
inline constexpr Event table_not_refreshed{"T1202", Level::warning, "table not refreshed",
    "The database did not answer, or gave rows that no table may have. The table stays as it was and is tried again when it is due."};
inline constexpr Event tls_reloaded{"T1301", Level::info, "certificates read again",
    "A file of a `tls:` block changed and is in force for new connections; those that stand go on."};
inline constexpr Event tls_not_reloaded{"T1302", Level::error, "changed certificates are not in force",
    "A file of a `tls:` block changed to something that cannot be used. What was read before stays in force."};
inline constexpr Event tls_expiring{"T1303", Level::warning, "a certificate will expire",
    "Said 30, 14 and 3 days before. Put a new file in its place; it is read without a restart."};
inline constexpr Event tls_expired{"T1304", Level::error, "a certificate has expired",
    "Peers that look will refuse the connection; with an expired list of revocations no certificate of a peer passes."};
inline constexpr Event channel_failed{"T1105", Level::error, "channel cannot listen",
    "The source could not open its port or folder. It is tried again; other channels are not affected."};

inline constexpr Event source_insecure{"T2001", Level::warning, "listening without TLS beyond this machine",
    "The channel says insecure: true. Health data crosses the network readable by anybody on the way."};
inline constexpr Event source_refused{"T2002", Level::warning, "connection refused",
    "The peer's address is not in `allow`, or `connections` are in use already."};
inline constexpr Event source_garbage{"T2003", Level::warning, "bytes outside a frame dropped",
    "The peer sent bytes before the start of a message (0B). They were counted and dropped; the message after them is read."};
inline constexpr Event source_too_large{"T2004", Level::warning, "message over max_message",
    "The peer sent more than max_message. It was refused and its connection closed."};
inline constexpr Event source_broken{"T2005", Level::info, "connection ended inside a message",
    "The peer closed the connection, or was silent too long, in the middle of a message. It was not accepted."};
inline constexpr Event source_unreachable{"T2006", Level::warning, "sender cannot be reached",
    "The source calls its sender (`connect`) and got no connection, or lost it. It is tried again, less and less often."};
inline constexpr Event source_failed{"T2007", Level::error, "a message could not be taken in",
    "Nothing was answered and its connection was closed, so the sender will send again."};
inline constexpr Event source_full{"T2008", Level::error, "the system refuses new connections",
    "Mostly because too many files are open. Open connections go on; it is tried again every 100 ms."};

inline constexpr Event source_handshake{"T2009", Level::warning, "TLS handshake failed",
    "The peer showed no certificate or one that does not pass, spoke no TLS or too old a version, or was silent too long."};
inline constexpr Event source_set_aside{"T2010", Level::warning, "a file was refused and set aside",
    "What is in it could not be accepted. It stands in the source's `failed` folder, with the reasons in NAME.error beside it."};

inline constexpr Event source_database{"T2051", Level::error, "the database gives no rows",
    "The source's query failed, or what it gave could not be marked as taken. Nothing is lost; it is tried again."};

inline constexpr Event parcel_repeated{"T3001", Level::info, "duplicate answered again",
    "The sender repeated a message it had sent before (same key, same content). It got the first answer and nothing was done twice."};
inline constexpr Event parcel_failed{"T3002", Level::error, "message set aside",
    "The message could not be read or mapped. It is kept: `tombolo show` says why, `tombolo resend` walks it again."};
inline constexpr Event parcel_refused{"T3003", Level::warning, "message refused",
    "The message could not be read, lacks what it must have, or a step of the channel refused it. The sender was told; a copy "
    "is kept for the record."};
inline constexpr Event parcel_held{"T3004", Level::warning, "message held",
    "The message waits for a person: the channel says `hold` for it. `tombolo show` says why, `tombolo release` lets it pass."};
inline constexpr Event parcel_other_content{"T3005", Level::warning, "known control id with other content",
    "The sender used the key of an accepted message for another one. Some devices restart their counters."};

inline constexpr Event parcel_not_its_sender{"T3006", Level::warning, "sender not allowed for this certificate",
    "MSH-3 and MSH-4 name a sender that `senders` in the `tls:` block does not allow the peer's certificate. It was refused."};

inline constexpr Event delivery_failed{"T4001", Level::warning, "delivery failed, will be tried again",
    "The destination did not take the message. It stays first of its key and is tried again by the channel's `retry`."};
inline constexpr Event delivery_dead{"T4002", Level::error, "delivery given up",
    "The reply rules or `give_up` made it a dead letter. `tombolo find --fate dead` lists them, `tombolo resend` sends again."};
inline constexpr Event destination_paused{"T4003", Level::error, "destination paused",
    "It refused in a way that is its own trouble (login, address), or too many deliveries in a row failed for one cause. "
    "Nothing is lost: after the pause one delivery is tried, and if it passes all go on."};
inline constexpr Event destination_insecure{"T4101", Level::warning, "sending without TLS beyond this machine",
    "The destination says insecure: true. Health data crosses the network readable by anybody on the way."};
inline constexpr Event destination_foreign_reply{"T4102", Level::warning, "reply to no message in hand skipped",
    "The receiver answered late, twice, or with another control id in MSA-2. Said once a connection."};

inline constexpr Event destination_database{"T4151", Level::error, "the database is not ready",
    "The destination could not open its database, or its statement cannot run there as it stands. Messages wait; it is tried again."};

inline constexpr Event store_failed{"T5001", Level::error, "the store refused a write",
    "The disk is full or broken. Nothing new is acknowledged until writing works again; what was acknowledged is kept."};

std::span<const Event* const> all();

}  // namespace tombolo::event
