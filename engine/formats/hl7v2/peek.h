// The light look at a message: only the segments and fields that are asked for, no index. It runs for every message on
// the I/O thread.
#pragma once

#include "engine/formats/format.h"
#include "engine/schema/hl7v2.h"

namespace tombolo::hl7v2 {

// What is read where the paths are empty. order: PID-3[1].1 and MRG-1[1].1, of every PID and MRG. duplicate: MSH-3, MSH-4,
// MSH-10. index: patient (PID-3[1].1), visit (PV1-19[1].1), order (ORC-2.1 ORC-3.1 OBR-2.1 OBR-3.1), accession (OBR-18.1);
// control (MSH-10) always. Groups in a path are not looked at: a segment is sought in the whole message.
Result<Peek> peek(std::string_view bytes, const PeekPaths& paths, const Reading& reading, const V2Dictionary& dictionary);

}  // namespace tombolo::hl7v2
