// What a command was told to read.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace tombolo {

// A file's bytes, or for "-" those of standard input. Throws as read_file (base/files.h) does.
std::string read_input(const std::string& file);

// Each file of a folder through `work`; OUT/<its name without ending><ending> gets the result. A failure is a line on `err` and
// does not stop the others. Gives the exit status: 0, or 1 after a failure. Throws std::invalid_argument if `out` is empty.
int convert_folder(const std::string& folder, const std::string& out, std::string_view ending,
                   const std::function<Result<std::string>(std::string_view bytes)>& work, std::ostream& err);

}  // namespace tombolo
