// The tables, as numbered upgrades. See README.md of this folder for what they hold.
#pragma once

#include <string>

namespace tombolo::store {

class Database;

// Brings a new or older database to this program's version, each step in a transaction of its own.
// Throws Error{broken} for a newer one. `name`: of the store, if it is made now.
void upgrade(Database& database, const std::string& name);

// The version this program writes; reading an older or newer one is refused (Error{broken}).
void require_current(Database& database);

}  // namespace tombolo::store
