#include "engine/base/secret.h"

#include <catch2/catch.hpp>

#include <map>

#include "tests/support/temp.h"

using namespace tombolo;
using test::TempFolder;
using test::write_file;

namespace {

Environment environment(std::map<std::string, std::string, std::less<>> values) {
  return [values = std::move(values)](std::string_view name) -> std::optional<std::string> {
    const auto found = values.find(name);
    return found == values.end() ? std::nullopt : std::optional(found->second);
  };
}

// What the setting `key` of a file gives, and what was said about it.
std::pair<std::optional<std::string>, std::string> read(const std::string& yaml, const Secrets& secrets) {
  Diagnostics diagnostics;
  const Setting top = parse_settings("a.yaml", yaml, environment({}), diagnostics);
  const auto found = secret_of(*top.find("key"), secrets, diagnostics);
  return {found, diagnostics.print()};
}

}  // namespace

TEST_CASE("a secret comes from the environment", "[secret]") {
  const Secrets secrets(environment({{"TOMBOLO_SECRET_TLS_ADT_1", "sesame"}}), {});
  CHECK(secrets.find("tls/adt-1") == "sesame");
  CHECK(read("key: !secret tls/adt-1\n", secrets).first == "sesame");
  CHECK_FALSE(secrets.find("other"));
}

TEST_CASE("a secret comes from a file, without the end of its line", "[secret]") {
  const TempFolder folder;
  write_file(folder / "secrets/research", "open\r\n");
  write_file(folder / "secrets/deep/one", "two\nlines");
  write_file(folder / "outside", "no");
  const Secrets secrets(environment({}), folder / "secrets");
  CHECK(secrets.find("research") == "open");
  CHECK(secrets.find("deep/one") == "two\nlines");
  CHECK_FALSE(secrets.find("../outside"));
  CHECK_FALSE(secrets.find("deep"));
  CHECK_FALSE(secrets.find(""));
}

TEST_CASE("the environment comes before credentials, credentials before the site's files", "[secret]") {
  const TempFolder folder;
  write_file(folder / "secrets/a", "site");
  write_file(folder / "credentials/a", "systemd");
  const std::string credentials = (folder / "credentials").string();
  CHECK(Secrets(environment({{"TOMBOLO_SECRET_A", "variable"}, {"CREDENTIALS_DIRECTORY", credentials}}), folder / "secrets").find("a") == "variable");
  CHECK(Secrets(environment({{"CREDENTIALS_DIRECTORY", credentials}}), folder / "secrets").find("a") == "systemd");
  CHECK(Secrets(environment({}), folder / "secrets").find("a") == "site");
}

TEST_CASE("a literal where a secret belongs is an error that does not repeat it", "[secret]") {
  const Secrets secrets(environment({{"TOMBOLO_SECRET_HUNTER2", "x"}}), {});
  const auto [found, said] = read("key: hunter2\n", secrets);
  CHECK_FALSE(found);
  CHECK(said.starts_with("a.yaml:1:6: error: a secret is not written here"));
  CHECK(said.find("hunter2") == std::string::npos);
  CHECK_FALSE(read("key: [a]\n", secrets).first);
}

TEST_CASE("a secret that is not there is an error that says where it was looked for", "[secret]") {
  const TempFolder folder;
  const auto [found, said] = read("key: !secret research\n", Secrets(environment({}), folder / "secrets"));
  CHECK_FALSE(found);
  CHECK(said == "a.yaml:1:6: error: there is no secret 'research': looked for TOMBOLO_SECRET_RESEARCH or " + (folder / "secrets/research").string() + "\n");
  CHECK(read("key: !secret ../x\n", Secrets(environment({}), {})).second.find("name is made of") != std::string::npos);
}

TEST_CASE("a plain setting does not take a secret's name for its value", "[secret]") {
  Diagnostics diagnostics;
  const Setting top = parse_settings("a.yaml", "path: !secret research\n", environment({}), diagnostics);
  Reader reader(top, "file", diagnostics);
  CHECK(reader.text("path") == "");
  CHECK(diagnostics.print().starts_with("a.yaml:1:7: error: 'path' is not read from a secret"));
}

TEST_CASE("a block's secrets are looked up once, and a literal among them hides its line", "[secret]") {
  const Secrets secrets(environment({{"TOMBOLO_SECRET_LAB", "sesame"}}), {});
  const std::string yaml = "ours: { password: !secret lab }\ntheirs: { password: hunter2, odd: 1 }\n";
  Diagnostics diagnostics;
  Setting top = parse_settings("a.yaml", yaml, environment({}), diagnostics);
  look_up_secrets(top, secrets, diagnostics);
  Reader ours(*top.find("ours"), "wire", diagnostics);
  CHECK(ours.secret("password") == "sesame");
  CHECK_FALSE(ours.secret("token"));
  ours.finish();
  CHECK(diagnostics.print() == "");
  Reader theirs(*top.find("theirs"), "wire", diagnostics);
  CHECK_FALSE(theirs.secret("password"));
  theirs.finish();
  diagnostics.quote("a.yaml", yaml);
  CHECK(diagnostics.list().size() == 2);
  CHECK(diagnostics.print().find("hunter2") == std::string::npos);
}
