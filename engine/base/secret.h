// Secrets: what `!secret name` in a settings file stands for. Looked up in the environment, then in files; never printed.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/settings.h"

namespace tombolo {

class Secrets {
 public:
  // folder: of files that hold one secret each, `secrets/` of the site. $CREDENTIALS_DIRECTORY (systemd) is looked through before it.
  Secrets(Environment environment, std::filesystem::path folder);

  // The variable TOMBOLO_SECRET_<NAME> (upper case, _ for what is no letter or digit), else the file of this name without
  // the line's end behind it. nullopt: there is none. Throws std::system_error for a file that cannot be read.
  std::optional<std::string> find(std::string_view name) const;

  // Where it was looked for, for an error: "TOMBOLO_SECRET_RESEARCH or site/secrets/research".
  std::string places(std::string_view name) const;

 private:
  std::optional<std::string> from_folder(const std::filesystem::path& folder, std::string_view name) const;

  Environment environment_;
  std::filesystem::path folder_;
};

// The secret that a setting names. A literal, a name that cannot be, a secret that is not there: errors with their place (and
// never the text of a literal: it may be the secret); nothing is returned then.
std::optional<std::string> secret_of(const Setting& setting, const Secrets& secrets, Diagnostics& diagnostics);

// Looks up every "!secret NAME" in the block, for Reader::secret(). Those that are not there are reported.
void look_up_secrets(Setting& setting, const Secrets& secrets, Diagnostics& diagnostics);

}  // namespace tombolo
