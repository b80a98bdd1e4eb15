// Ledger: the ids of what was delivered, in a small table of the same database. An id is entered in the transaction that writes the
// message: either both are there or neither.
#pragma once

#include <string>

#include "engine/connectors/sql/session.h"

namespace tombolo::sql {

class Ledger {
 public:
  // table: letters, digits and _, perhaps with a schema before a dot. remember: how long ids are kept.
  Ledger(std::string table, bool postgresql, Duration remember);

  // Makes the table where there is none (the user needs the right to, or an administrator runs make() before).
  void prepare(Session& session, const Limits& limits) const;
  // False: this id was entered before.
  bool enter(Session& session, const std::string& id, const Limits& limits) const;
  void forget(Session& session, const Limits& limits) const;

  const std::string& make() const { return make_; }  // the statement that makes the table

 private:
  std::string make_, enter_, forget_;
};

}  // namespace tombolo::sql
