// What an edit is once it is loaded: statements with numbers instead of names. Immutable; shared by all threads that run it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/mapping/compiler/program.h"

namespace tombolo::mapping {

// Where a statement works. It is carried out once for each segment there, and with `by_repetition` for each repetition of the
// field; addresses of its own mean the current one.
struct EditPlace {
  std::uint32_t slot = none;        // of EditProgram::frame: the segments or groups
  std::uint32_t number = none;      // register of the current one
  std::uint32_t occurrence = 0;     // only the nth of them; 0: all
  std::uint16_t field = 0;          // 0: the segment or group itself; the same for what follows
  std::uint16_t repetition = 0;     // 0: all
  std::uint16_t component = 0;
  std::uint16_t subcomponent = 0;
  std::uint32_t element = 0;        // Node::element of the field; 0: the dictionary has none
  const V2Type* type = nullptr;     // of what stands there; nullptr: nobody knows
  bool by_repetition = false;
  bool list = false;                // a whole field that may repeat
};

struct EditOp {
  enum class Kind : std::uint8_t { write, erase, add, move, copy, each, condition, let };
  Kind kind = Kind::write;
  std::uint32_t rule = 0;           // index into MapWorld::rules
  EditPlace place;                  // write, erase, each, move, copy; add: of the segment next to it
  EditPlace anchor;                 // move, copy: what it comes to stand next to
  std::vector<ChainLink> chain;     // write; of a Conversion only the table counts
  std::optional<Expr> over;         // condition, let
  std::optional<Expr> when;         // erase, add, move, copy, each
  std::uint32_t number = none;      // add, copy: register of the new segment; let: local
  std::string_view segment;         // add: its name
  std::uint32_t element = 0;        // add, move, copy: Node::element
  bool before = false;              // add, move, copy: in front of the place
  bool constant = false;            // add: nothing in it comes from the message
  std::vector<EditOp> body;         // add, copy, each, condition
};

struct EditProgram {
  std::string_view called;          // run only by this name; empty: on every message of the structure
  const V2Structure* structure = nullptr;  // nullptr: every message
  CompiledMap frame;                // places, slots, registers and locals of the expressions
  std::vector<EditOp> ops;
};

}  // namespace tombolo::mapping
