// One engine per store: a lock on the file tombolo.lock that ends with the process, however it ends.
#pragma once

#include <string>

namespace tombolo::store {

class Lock {
 public:
  // Throws Error{locked} with the process id of the holder.
  explicit Lock(const std::string& path);
  ~Lock();
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  int file_;
};

}  // namespace tombolo::store
