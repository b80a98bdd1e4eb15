// Result<T>: a value, or the Fault that says why there is none. For bad *messages*; a bad world throws, a bad program asserts.
#pragma once

#include <boost/system/result.hpp>

#include <iosfwd>
#include <stdexcept>
#include <string>
#include <string_view>

namespace tombolo {

enum class Kind {
  malformed,    // the bytes do not follow their grammar
  missing,      // something required is not there
  unsupported,  // well formed, but nothing here can read it
  refused,      // a rule said no
  too_large,    // over a limit that a setting names
  conflict,     // contradicts what is already known
  internal,     // our own mistake, reported instead of hidden
};

std::string_view name(Kind kind);

// where: a path a person can use ("PID-7", "Bundle.entry[3].resource.birthDate", "adt.yaml:14:3"), may be empty.
// what: what was found and what was expected. Never a message's content beyond a code or a short token.
struct Fault {
  Kind kind = Kind::malformed;
  std::string where;
  std::string what;
};

// "PID-7: expected YYYYMMDD, found 5 characters", or `what` alone where there is no place.
std::string text(const Fault& fault);
std::ostream& operator<<(std::ostream& out, const Fault& fault);  // the same: for tests

// What Result<T>::value() throws when there is no value: the program asked without looking.
class FaultError : public std::runtime_error {
 public:
  explicit FaultError(Fault fault);
  const Fault& fault() const { return fault_; }

 private:
  Fault fault_;
};
[[noreturn]] void throw_exception_from_error(const Fault& fault, const boost::source_location& place);

template <class T>
using Result = boost::system::result<T, Fault>;

}  // namespace tombolo
