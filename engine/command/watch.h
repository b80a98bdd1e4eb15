// Watch: what a receiver can see of a sender's promises. A control id that ends in digits is a number in a row of its
// own prefix ("RUN7-123"): a number that never came is a gap; a message of a patient that comes after a later one of
// the same patient is an order fault, a repeat too.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace tombolo {

class Watch {
 public:
  // In the order of arrival. patient: PID-3, empty if there is none.
  void note(std::string_view control_id, std::string_view patient);

  std::uint64_t messages() const { return messages_; }
  std::uint64_t unnamed() const { return unnamed_; }  // without a control id
  std::uint64_t repeats() const { return repeats_; }
  std::uint64_t order_faults() const { return order_faults_; }
  std::uint64_t gaps() const;  // numbers between the least and the greatest that never came

 private:
  struct Row {
    std::uint64_t least = UINT64_MAX, greatest = 0, different = 0;
  };
  std::uint64_t messages_ = 0, unnamed_ = 0, repeats_ = 0, order_faults_ = 0;
  std::unordered_set<std::string> seen_;
  std::map<std::string, Row, std::less<>> rows_;         // by prefix
  std::unordered_map<std::string, std::uint64_t> last_;  // by prefix and patient
};

}  // namespace tombolo
