// What a map from FHIR to HL7 v2 is once it is loaded: statements with numbers instead of names. Immutable; shared by all threads
// that run it.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/mapping/compiler/program.h"

namespace tombolo::mapping::to_v2 {

struct V2Map;

// What an expression may read besides what is in focus.
struct Seen {
  enum class Kind : std::uint8_t { input, local, index, position, received, version, event, message };
  Kind kind = Kind::input;
  std::uint32_t number = 0;          // local
  bool operator==(const Seen&) const = default;
};

// Where something is written, from what is being built: groups and a segment, or a field of it, or a part of a field.
struct Goal {
  std::vector<const V2Item*> items;  // the way down to a group or segment; empty: what is being built itself
  const V2Segment* segment = nullptr;  // whose field it is; nullptr: a group, or a part of a data type
  std::uint16_t field = 0;           // 0: the segment or group itself, or a part of a data type
  std::uint16_t repetition = 0;      // 0: not said
  std::uint16_t component = 0;       // below the field, or below what is being built
  std::uint16_t subcomponent = 0;
  const V2Type* type = nullptr;      // of what stands there; nullptr: a segment or group
  bool list = false;                 // each value is one more of it
  std::string name;                  // "PID-3", "PATIENT.PID", "CX.4.1": for people
};

// A map put to work on one value.
struct Call {
  const V2Map* map = nullptr;
  std::vector<std::pair<std::uint32_t, Expr>> arguments;     // the map's local, its value
  std::vector<std::pair<std::uint32_t, TableUse>> tables;    // the map's table parameter, the table
};

struct LinkSource {
  Expr value;
  TableUse table;                    // read backwards: from FHIR's code to that of HL7 v2
  std::optional<Call> call;
};

struct Link {
  std::vector<LinkSource> sources;
  std::optional<Expr> when;
  OnError on_error = OnError::unsaid;
  OnMiss on_miss = OnMiss::keep;
  OnDelete on_delete = OnDelete::unsaid;
  std::string delete_text;
};

struct Op {
  enum class Kind : std::uint8_t { rule, block, each, condition, include, let };
  Kind kind = Kind::rule;
  std::uint32_t rule = 0;            // index into MapWorld::rules
  Goal goal;                         // rule, block
  std::vector<Link> chain;           // rule
  std::optional<Expr> over;          // block, each, condition, let; include: what it is about
  std::optional<Expr> when;          // block, each, include
  std::optional<Call> call;          // include
  std::uint32_t number = none;       // let: local
  std::vector<Op> body;              // block, each, condition
};

struct V2Map {
  struct Parameter {
    std::string_view name;
    std::uint32_t local = none;      // or
    std::uint32_t table = none;
    fhirpath::TypeId type = fhirpath::unknown_type;
  };
  std::string name;
  fhirpath::TypeId input = fhirpath::unknown_type;
  const V2Structure* structure = nullptr;  // what it builds: one of these three
  const V2Segment* segment = nullptr;
  const V2Type* type = nullptr;
  int levels = 0;                    // of a data type: how deep it writes; 1: components, 2: sub-components too
  std::vector<Parameter> parameters;
  std::uint32_t locals = 0, tables = 0;
  std::vector<Seen> slots;
  std::deque<V2Item> loose;          // declared segments, which no structure knows
  std::vector<Op> body;
};

}  // namespace tombolo::mapping::to_v2
