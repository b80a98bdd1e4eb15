#include "engine/store/schema.h"

#include <array>
#include <string>

#include "engine/store/sqlite.h"

namespace tombolo::store {
namespace {

// Names that come back in every row (channels, destinations, content types, kinds of keys, hashes of configurations) are
// numbers there. What a sender chooses is never put among them.
constexpr const char* first = R"(
create table about(what text primary key, value text not null) without rowid;
create table name(number integer primary key, text text not null unique);
create table config(hash text primary key, text text not null) without rowid;

-- codec: 0 as it is. key_id: null in the clear, else the key it is sealed with. Bytes last: the rest is read without them.
create table body(number integer primary key, parcel integer not null, codec integer not null, key_id integer, bytes blob not null);

create table parcel(
  sequence integer primary key, channel integer not null, status integer not null, received_at integer not null,
  body integer not null, size integer not null, content integer not null,      -- content: a hash of the bytes
  config integer not null, other_content integer not null,
  control_id text not null, type text not null, sender text not null, peer text not null,
  duplicate text, order_keys text, answer text, detail text);
create index parcel_open on parcel(status, channel) where status = 0 or status = 1 or status = 4;  -- received, held, failed
create index parcel_control on parcel(control_id);
create index parcel_duplicate on parcel(duplicate) where duplicate is not null;

create table delivery(
  number integer primary key, parcel integer not null, channel integer not null, destination integer not null,
  nth integer not null, body integer not null, content_type integer not null, attempts integer not null, due integer not null,
  fate integer not null, at integer not null, code text not null, control_id text not null, order_keys text, detail text);
create index delivery_open on delivery(fate, channel, destination) where fate = 0 or fate = 2;    -- waiting, dead
create index delivery_parcel on delivery(parcel);

-- Attempts that did not end a delivery; the last one stands in the delivery itself.
create table attempt(number integer primary key, delivery integer not null, at integer not null, code text, detail text);
create index attempt_delivery on attempt(delivery);

-- The keys of a parcel, packed, as its walk found them; and the index by value, which follows in batches (indexing.h).
-- token: null: `value` is in the clear; else it is a keyed hash made with that key.
create table label(number integer primary key, parcel integer not null, keys blob not null);
create index label_parcel on label(parcel);
create table key(value text not null, kind integer not null, parcel integer not null, token integer,
                 primary key(value, kind, parcel)) without rowid;
)";

// Which deliveries of a destination may overtake.
constexpr const char* second = "alter table delivery add column urgency integer not null default 0;";

constexpr std::array upgrades{first, second};

}  // namespace

void upgrade(Database& database, const std::string& name) {
  const auto found = database.number("pragma user_version");
  if (found > std::ssize(upgrades)) require_current(database);
  for (auto version = static_cast<std::size_t>(found); version < upgrades.size(); ++version) {
    Transaction t(database);
    database.run(upgrades[version]);
    if (version == 0) database.query("insert into about values ('name', ?), ('indexed', '0')").with(name).run();
    database.run(("pragma user_version = " + std::to_string(version + 1)).c_str());
    t.commit();
  }
}

void require_current(Database& database) {
  const auto found = database.number("pragma user_version");
  if (found == std::ssize(upgrades)) return;
  throw Error(Error::Reason::broken, "store: it has schema version " + std::to_string(found) + ", this program knows version " +
                                         std::to_string(upgrades.size()) +
                                         (found > std::ssize(upgrades) ? ": use a newer tombolo" : ": run the engine once"));
}

}  // namespace tombolo::store
