// database: rows as messages. The destination runs one statement for each message, its values bound, and writes the delivery's id
// in the same transaction, so that what is delivered again is not written again. The source asks for new rows again and again.
#pragma once

#include "engine/connectors/connector.h"

namespace tombolo {

DestinationPlug database_destination();  // database: { sqlite: lab.db, sql: "insert into …", parameters: ["{id}", PID-3.1] }
SourcePlug database_source();            // database: { sqlite: lab.db, sql: "select …", cursor: { column: id, start: "0" } }

}  // namespace tombolo
