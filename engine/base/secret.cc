#include "engine/base/secret.h"

#include <algorithm>

#include "engine/base/files.h"
#include "engine/base/letters.h"
#include "engine/base/text.h"

namespace tombolo {
namespace {

std::string variable_of(std::string_view name) {
  std::string variable = "TOMBOLO_SECRET_";
  for (const char c : upper(name)) variable += is_letter_or_digit(c) ? c : '_';
  return variable;
}

// "research", "tls/adt": letters, digits, - _ . and / between names; never out of its folder.
bool good_name(std::string_view name) {
  for (const auto part : split(name, '/')) {
    if (part.empty() || part.front() == '.') return false;
    if (!std::all_of(part.begin(), part.end(), [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_' || c == '.'; })) return false;
  }
  return true;
}

}  // namespace

Secrets::Secrets(Environment environment, std::filesystem::path folder) : environment_(std::move(environment)), folder_(std::move(folder)) {}

std::optional<std::string> Secrets::find(std::string_view name) const {
  if (!good_name(name)) return std::nullopt;
  if (const auto value = environment_(variable_of(name))) return value;
  if (const auto credentials = environment_("CREDENTIALS_DIRECTORY")) {
    if (auto found = from_folder(*credentials, name)) return found;
  }
  return folder_.empty() ? std::nullopt : from_folder(folder_, name);
}

std::optional<std::string> Secrets::from_folder(const std::filesystem::path& folder, std::string_view name) const {
  const auto path = folder / name;
  std::error_code wrong;
  if (!std::filesystem::is_regular_file(path, wrong)) return std::nullopt;
  std::string text = read_file(path);
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  return text;
}

std::string Secrets::places(std::string_view name) const {
  return variable_of(name) + (folder_.empty() ? "" : " or " + (folder_ / name).string());
}

std::optional<std::string> secret_of(const Setting& setting, const Secrets& secrets, Diagnostics& diagnostics) {
  if (setting.shape != Setting::Shape::scalar || setting.tag != "!secret") {
    diagnostics.error_in_private(setting.place, secret_wanted);
    return std::nullopt;
  }
  if (!good_name(setting.text)) {
    diagnostics.error(setting.place, "a secret's name is made of letters, digits, - _ . and /");
    return std::nullopt;
  }
  auto found = secrets.find(setting.text);
  if (!found) diagnostics.error(setting.place, "there is no secret '" + setting.text + "': looked for " + secrets.places(setting.text));
  return found;
}

void look_up_secrets(Setting& setting, const Secrets& secrets, Diagnostics& diagnostics) {
  if (setting.tag == "!secret") setting.secret = secret_of(setting, secrets, diagnostics);
  for (auto& item : setting.items) look_up_secrets(item, secrets, diagnostics);
  for (auto& member : setting.members) look_up_secrets(member.value, secrets, diagnostics);
}

}  // namespace tombolo
