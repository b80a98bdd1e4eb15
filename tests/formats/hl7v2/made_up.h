// Messages of people who do not exist, and the dictionary, for the tests of v2.
#pragma once

#include <string>
#include <vector>

#include "engine/base/library.h"
#include "engine/schema/hl7v2.h"

namespace tombolo::test {

inline const V2Dictionary& dictionary() {
  static const Library library;
  static const V2Dictionary d(library);
  return d;
}

inline const std::string adt =
    "MSH|^~\\&|ADT1|NORTH|ENGINE|EAST|20260102030405||ADT^A01^ADT_A01|M1|P|2.5.1|||AL|NE\r"
    "EVN|A01|20260102030405\r"
    "PID|1||777^^^NORTH&1.2.3&ISO^MR~888^^^^SS||DOE^JANE^Q||19700101|F|||1 ELM ST^^SPRINGFIELD|||\"\"\r"
    "PV1|1|I|W1^101^A||||||||||||||||V55\r"
    "ZPI|local\r"
    "IN1|1|PLAN\r"
    "IN2|2\r"
    "IN1|2|OTHER\r";

inline const std::string oru =
    "MSH|^~\\&|LAB|SOUTH|ENGINE|EAST|20260102030405||ORU^R01|R1|P|2.3\r"
    "PID|1||4711||ROE^RICHARD\r"
    "ORC|RE|P1|F1\r"
    "OBR|1|P1|F1|GLU^Glucose\r"
    "NTE|1||fasting\r"
    "OBX|1|NM|2345-7^Glucose^LN||5.4|mmol/L\r"
    "NTE|1||of the result\r"
    "OBX|2|ST|X||a\\T\\b\r"
    "OBR|2|P2|F2|HB\r"
    "OBX|1|CE|Y||A^Alpha^L\r";

}  // namespace tombolo::test
