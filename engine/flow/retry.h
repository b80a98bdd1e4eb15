// What to do about the outcome of one attempt: the channel's reply rules and the waiting time before the next try.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/time.h"

namespace tombolo {

struct Retry {
  Duration first = std::chrono::seconds(2);
  Duration max = std::chrono::minutes(5);
  double factor = 2;
  double jitter = 0.2;                              // of the wait, up or down
  Duration give_up = std::chrono::hours(24);        // since the message was received; then it is a dead letter
};

// The wait before attempt `attempts + 1`. The jitter is a function of the delivery id and the attempt, so a crash does not
// change it and two deliveries do not march in step.
Duration wait_before_next(const Retry& retry, int attempts, std::string_view id);

enum class Action {
  deliver,      // it is done
  retry,        // try again
  dead_letter,  // give up, a person looks at it
  pause,        // the destination's own trouble: nothing more goes there until the pause is over; the delivery stays
};

// `AE: { retry: 3, then: dead_letter }`. pattern: an exact code ("AE", "429", "timeout"), or a class ("5xx", "4xx").
struct ReplyRule {
  std::string pattern;
  Action action = Action::retry;
  int times = 0;                                    // for retry: so many tries in all, then `then`; 0: without end
  Action then = Action::dead_letter;
};

// The most specific rule decides: exact before class, the channel's before the house's (below).
//   AA CA 2xx written            deliver
//   AE CE 4xx 3xx refused        dead_letter
//   AR CR 5xx 408 425 429        retry
//   timeout closed unreachable   retry
//   401 403 404 407 421 tls      pause
// error_code: ERR-3 of the reply; 206 (record locked) and 207 (internal error) make an AE or CE a retry.
Action decide(const std::vector<ReplyRule>& rules, std::string_view code, std::string_view error_code, bool accepted, int attempts);

}  // namespace tombolo
