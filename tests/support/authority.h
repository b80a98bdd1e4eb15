// A certificate authority for tests, made with the openssl program: nothing of the engine's own is used.
#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/engine.h"

namespace tombolo::test {

class Authority {
 public:
  explicit Authority(const std::filesystem::path& folder, const std::string& name = "ca") : folder_(folder), name_(name) {
    std::filesystem::create_directories(folder_);
    make({"-subj", "/CN=" + name + " of the tests", "-addext", "basicConstraints=critical,CA:TRUE", "-addext",
          "keyUsage=keyCertSign,cRLSign"}, name_, "30", false);
    write_file(folder_ / (name_ + ".index"), "");
    write_file(folder_ / (name_ + ".cnf"), "[ca]\ndefault_ca=it\n[it]\ndatabase=" + (folder_ / (name_ + ".index")).string() +
                                               "\ndefault_md=sha256\ndefault_crl_days=20\npolicy=any\n[any]\ncommonName=supplied\n");
  }

  std::string pem() const { return (folder_ / (name_ + ".pem")).string(); }
  std::string certificate(const std::string& name) const { return (folder_ / (name + ".pem")).string(); }
  std::string key(const std::string& name) const { return (folder_ / (name + ".key")).string(); }
  std::string crl() const { return (folder_ / (name_ + ".crl")).string(); }

  // NAME.pem and NAME.key for a server and client; names: "DNS:lab.north.example,IP:127.0.0.1".
  void issue(const std::string& name, const std::string& names, const std::string& days = "300") const {
    make({"-subj", "/CN=" + name, "-addext", "subjectAltName=" + names, "-addext", "basicConstraints=CA:FALSE"}, name, days, true);
  }
  void revoke(const std::string& name) const { ca({"-revoke", certificate(name)}); }
  void write_crl() const { ca({"-gencrl", "-out", crl()}); }

 private:
  void make(std::vector<std::string> more, const std::string& name, const std::string& days, bool signed_by_it) const {
    std::vector<std::string> words{"/usr/bin/openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                                   "-keyout", key(name), "-out", certificate(name), "-days", days};
    if (signed_by_it) words.insert(words.end(), {"-CA", pem(), "-CAkey", key(name_)});
    words.insert(words.end(), more.begin(), more.end());
    run(words);
  }
  void ca(std::vector<std::string> more) const {
    std::vector<std::string> words{"/usr/bin/openssl", "ca", "-config", (folder_ / (name_ + ".cnf")).string(), "-cert", pem(), "-keyfile", key(name_)};
    words.insert(words.end(), more.begin(), more.end());
    run(words);
  }
  void run(const std::vector<std::string>& words) const {
    Process process(words, folder_, "openssl");
    if (process.wait() != 0) throw std::runtime_error("openssl: " + process.err());
  }

  std::filesystem::path folder_;
  std::string name_;
};

}  // namespace tombolo::test
