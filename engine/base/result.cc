#include "engine/base/result.h"

#include <ostream>

namespace tombolo {

std::string_view name(Kind kind) {
  switch (kind) {
    case Kind::malformed: return "malformed";
    case Kind::missing: return "missing";
    case Kind::unsupported: return "unsupported";
    case Kind::refused: return "refused";
    case Kind::too_large: return "too large";
    case Kind::conflict: return "conflict";
    case Kind::internal: return "internal";
  }
  return "unknown";
}

std::string text(const Fault& fault) { return fault.where.empty() ? fault.what : fault.where + ": " + fault.what; }

std::ostream& operator<<(std::ostream& out, const Fault& fault) { return out << text(fault); }

FaultError::FaultError(Fault fault) : std::runtime_error(text(fault)), fault_(std::move(fault)) {}

void throw_exception_from_error(const Fault& fault, const boost::source_location&) { throw FaultError(fault); }

}  // namespace tombolo
