// What is told to the sender, and when nothing is. Decided once, kept in the store as text, said again to repeats.
#pragma once

#include <string>
#include <string_view>

#include "engine/connectors/connector.h"
#include "engine/flow/channel.h"
#include "engine/formats/format.h"

namespace tombolo {

// An answer as the store keeps it, and back. remember() of two equal answers is equal text; recall() takes any text.
std::string remember(const Answer& answer);
Answer recall(std::string_view kept);

Answer yes();
Answer no(Verdict verdict, const Fault& why);                                // one complaint, its code by the fault's kind
Answer no(Verdict verdict, std::string_view code, std::string_view what);    // code: HL7 table 0357

// The bytes that go back by the channel's mode and the message's own wishes (MSH-15, MSH-16):
//   original (both empty)  one application answer, AA AE AR
//   enhanced               MSH-15 says whether a commit answer (CA CE CR) is sent, MSH-16 whether an application answer
//                          follows; AL always, ER on error, SU on success, NE or empty never
// peek: nullptr for what could not be read: the original mode's answer.
// stored: the message was taken on, whatever its walk made of it then: the commit answer is CA.
Reply reply_to(const Channel& channel, const Peek* peek, std::string_view message, const Answer& answer, const World& world,
               bool stored = false);

}  // namespace tombolo
