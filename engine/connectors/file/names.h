// Names of files made from a template: "out/{channel}/{date}.ndjson". Values that come from a message cannot leave the
// folder: only letters, digits, '.', '_' and '-' stay, no name begins with a dot, ".." never stands.
//   {date} 2026-11-23   {hour} 2026-11-23T15 (UTC)   {channel}   {id} of the delivery   {control_id} MSH-10   {type}
//   ADT_A01
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/connectors/connector.h"

namespace tombolo {

// `value` as a part of a file's name, at most 100 characters; "none" for nothing.
std::string file_name_part(std::string_view value);

class NameTemplate {
 public:
  static Result<NameTemplate> parse(std::string_view text);  // Fault: what is wrong with the template
  std::filesystem::path of(const Envelope& envelope) const;
  bool uses(std::string_view name) const;

 private:
  struct Piece {
    bool is_name = false;  // else the text itself
    std::string text;
  };
  std::vector<Piece> pieces_;
};

}  // namespace tombolo
