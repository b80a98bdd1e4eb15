// Control: the private socket in the store's folder by which commands reach the running engine. One request line in, lines
// out. Only who may enter the store's folder (0700) may speak here.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tombolo {

// Answers one request, split at blanks. The first line of the answer is "ok" or "error: …".
using Serve = std::function<boost::asio::awaitable<std::string>(std::vector<std::string> words)>;

class Control {
 public:
  // Listens on `folder`/tombolo.sock (made anew). Throws boost::system::system_error.
  Control(boost::asio::any_io_executor executor, const std::filesystem::path& folder, Serve serve);
  ~Control();
  void close();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// Asks the engine that has this store; nothing if none is running. Blocks, at most 30 s.
std::optional<std::string> ask_engine(const std::filesystem::path& folder, const std::string& request);

}  // namespace tombolo
