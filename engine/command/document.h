// describe channel NAME --document: what the team on the other side of a channel must know, as Markdown.
#pragma once

#include <iosfwd>
#include <string>

#include "engine/command/command.h"

namespace tombolo {

struct DocumentOptions {
  std::string channel;
  std::string folder = ".";   // as for run
  std::string site;
};

// The same channel files always give the same bytes: the samples' answers are the engine's own, at a fixed time. 0; 1: the channel
// files have errors, or there is no such channel.
int document_command(const DocumentOptions& options, Desk& desk);

}  // namespace tombolo
