// Addresses of HL7 v2: "PID-3[1].4.2", "OBX[2]-5", "PATIENT_RESULT.ORDER_OBSERVATION.OBX-5". Numbers count from 1.
//   { GROUP [at] "." } SEGMENT [at] [ "-" n [at] [ "." n [ "." n ] ] ]        at = "[" n "]"
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/tree/tree.h"

namespace tombolo::hl7v2 {

struct Address {
  struct Step {
    std::string name;
    int at = 0;               // 0: every one
    friend bool operator==(const Step&, const Step&) = default;
  };
  std::vector<Step> groups;   // outermost first; may name a segment that another follows ("PID.NTE")
  Step segment;
  int field = 0;              // 0: the segment itself; the same for what follows
  int repetition = 0;         // 0: every one
  int component = 0;
  int subcomponent = 0;
  friend bool operator==(const Address&, const Address&) = default;
};

// Fault{malformed} says at which character what was expected.
Result<Address> parse_address(std::string_view text);
std::string text(const Address& address);

// The nodes of a v2 tree at an address, in the order of the message. Groups that are not named are looked through;
// [n] counts among those of that name in the group around it, or in the whole message where no group is named.
// Component 1 of a value without components is the value itself.
std::vector<NodeId> find(const Tree& tree, const Address& address);

// The address of a node, counting its segment in the whole message: "OBX[3]-5[1].2"; a group's is its path of names.
std::string place(const Tree& tree, NodeId node);

}  // namespace tombolo::hl7v2
