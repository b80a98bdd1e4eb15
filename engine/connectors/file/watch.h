// Watch: the system tells at once that something happened in a folder (inotify). It is an ear and no eye: it may miss
// things (a network folder tells nothing, a queue overflows), so whoever has one looks now and then all the same.
#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <filesystem>
#include <functional>
#include <memory>

namespace tombolo {

class Watch {
 public:
  // `changed` is called on the executor. Where the system has no watches left to give, it never is.
  Watch(const boost::asio::any_io_executor& executor, std::function<void()> changed);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  // From any thread, before each look: the folder of this name may be another one by now. May block as any look may.
  void look_at(const std::filesystem::path& folder);
  void close();  // on the executor's thread: it keeps no io_context running any more

 private:
  struct Ear;
  std::shared_ptr<Ear> ear_;  // shared with the read under way, which may outlive the owner by one round
};

}  // namespace tombolo
