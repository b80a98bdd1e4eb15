// A PostgreSQL server of its own in a temporary folder, reached by a socket in that folder; for tests only. Debian's binaries,
// not its clusters: nothing of the machine's is touched.
#pragma once

#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "tests/support/temp.h"

namespace tombolo::test {

class Postgres {
 public:
  // login: as initdb's -A names it; with trust no password is asked for.
  explicit Postgres(const std::string& login = "scram-sha-256") : bin_(newest()) {
    if (bin_.empty()) return;
    // A server does not run as root: then Debian's user for it does.
    const passwd* user = getuid() == 0 ? getpwnam("postgres") : nullptr;
    if (getuid() == 0 && user == nullptr) return;
    as_ = user ? "setpriv --reuid=postgres --regid=postgres --clear-groups " : "";
    write_file(folder_ / "word", password);
    if (user && (chown(folder_.path().c_str(), user->pw_uid, user->pw_gid) != 0 || chown((folder_ / "word").c_str(), user->pw_uid, user->pw_gid) != 0)) return;
    const std::string data = (folder_ / "data").string(), socket = folder_.path().string();
    running_ = run(bin_ + "/initdb -D " + data + " -U house -A " + login + " --pwfile=" + socket + "/word -E UTF8 --locale=C.UTF-8 --no-sync") &&
               run(bin_ + "/pg_ctl -w -D " + data + " -l " + socket + "/log -o \"-c listen_addresses='' -c unix_socket_directories=" + socket +
                   " -c fsync=off\" start");
  }
  ~Postgres() { stop(); }
  Postgres(const Postgres&) = delete;
  Postgres& operator=(const Postgres&) = delete;

  static constexpr const char* password = "only for this test";

  bool running() const { return running_; }
  std::string host() const { return folder_.path().string(); }
  bool sql(const std::string& statement) const {
    write_file(folder_ / "statement.sql", statement);
    return run("env PGPASSWORD='" + std::string(password) + "' " + bin_ + "/psql -q -v ON_ERROR_STOP=1 -h " + host() +
               " -U house -d postgres -f " + host() + "/statement.sql");
  }
  void stop() {
    if (running_) run(bin_ + "/pg_ctl -w -m immediate -D " + (folder_ / "data").string() + " stop");
    running_ = false;
  }

 private:
  static std::string newest() {
    std::string found;
    std::error_code none;
    for (const auto& version : std::filesystem::directory_iterator("/usr/lib/postgresql", none)) {
      const auto bin = version.path() / "bin";
      if (std::filesystem::exists(bin / "initdb") && bin.string() > found) found = bin.string();
    }
    return found;
  }
  bool run(const std::string& command) const {
    return system(("cd / && " + as_ + command + " >/dev/null 2>&1 </dev/null").c_str()) == 0;
  }

  TempFolder folder_;
  std::string bin_, as_;
  bool running_ = false;
};

}  // namespace tombolo::test
