// Files: a source that takes the files of a folder; a destination that appends to files or makes one file a message, and
// answers when they are safe on disk. See README.md in this folder.
#pragma once

#include <memory>

#include "engine/connectors/connector.h"
#include "engine/connectors/file/disk.h"

namespace tombolo {

SourcePlug file_source();  // file: { folder: in, pattern: "*.hl7" }
DestinationPlug file_destination();

// The same on another disk than the real one: how a test cuts the power. Called once for each destination made.
DestinationPlug file_destination_on(std::function<std::unique_ptr<Disk>()> disk);

}  // namespace tombolo
