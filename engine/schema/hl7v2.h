// V2Dictionary: what the standard says of HL7 v2, versions 2.1 to 2.8.2, from the tables in schemas/hl7v2/.
//
// One view serves all versions, the widest: a field has every component that any version gives it, a message structure
// every group and segment, under the newest version's group names. Each definition also says in which versions it is
// known, required and repeating, so the grammar of one version is the same tree seen through that version's bit.
// All names borrow from the Library's text; definitions never move, so pointers and indexes may be kept.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/base/library.h"

namespace tombolo {

using V2Versions = std::uint16_t;         // a set: bit i stands for V2Dictionary::versions()[i]

struct V2Type;

// A field of a segment or a component of a data type.
struct V2Field {
  int number = 0;                         // from 1
  std::string_view name;                  // "Patient Identifier List"
  const V2Type* type = nullptr;           // the widest any version gives; never null
  std::string_view table;                 // "0001", or empty; of several the newest
  std::string_view spelled;               // the types as versions spell them, oldest first: "CK:1 CM_PAT_ID:2 CX:ffc"; or one for all
  V2Versions known = 0, required = 0, repeating = 0;
  std::uint32_t element = 0;              // Node::element of a node read by this definition; see field_at
  int most = 0;                           // repetitions at most, where it repeats; 0: as many as there are
  std::string_view tables = {};           // all that versions gave it, newest first: "0206 0287"
  bool repeats() const { return repeating != 0; }
  std::string_view spelled_in(V2Versions version) const;   // "CX"; empty: unknown there, or a family whose members differ
};

// A code table, all versions together.
struct V2Table {
  std::string_view name;                  // "0085"
  bool by_hl7 = false;                    // else users define it, and these are only HL7's suggestions
  std::string_view codes;                 // a blank between two
  bool has(std::string_view code) const;
};

struct V2Type {
  std::string_view name;                  // of the family: "CWE" also for CE, CNE and CF
  bool primitive = true;                  // true for DTM too, whose .2 only old versions know
  std::span<const V2Field> components;    // components[n - 1].number == n
  const V2Field* component(int number) const;
};

struct V2Segment {
  std::string_view name;                  // "PID"
  std::span<const V2Field> fields;        // fields[n - 1].number == n
  const V2Field* field(int number) const; // nullptr: not in any version
};

// A segment or a group in a message structure.
struct V2Item {
  std::string_view name;                  // "PID", "PATIENT_RESULT"
  const V2Segment* segment = nullptr;     // nullptr: a group
  V2Versions known = 0, required = 0, repeating = 0;
  std::uint16_t parent = 0;               // index in V2Structure::items; the root is its own parent
  std::uint16_t end = 0;                  // index after everything below this item
  std::uint16_t depth = 0;                // the root's is 0
  std::uint32_t element = 0;              // Node::element; see item_at
  bool group() const { return segment == nullptr; }
  bool repeats() const { return repeating != 0; }
};

// items[0] is the structure itself; what follows is in the order of the standard. The children of i are
// i + 1, items[i + 1].end, … while below items[i].end.
struct V2Structure {
  std::string_view name;                  // "ORU_R01"
  V2Versions versions = 0;
  std::span<const V2Item> items;
  // The item at a path of names from the root, "PATIENT_RESULT.PATIENT.PID"; nullptr if there is none. A name that
  // stands several times in a group is its first.
  const V2Item* find(std::string_view path) const;
  const V2Item* child(const V2Item& group, std::string_view called) const;
  std::uint16_t index(const V2Item& item) const { return static_cast<std::uint16_t>(&item - items.data()); }
};

class V2Dictionary {
 public:
  // Reads the tables; throws std::runtime_error with file and line if one is missing or broken. The library outlives this.
  explicit V2Dictionary(const Library& library);
  V2Dictionary(const V2Dictionary&) = delete;
  V2Dictionary& operator=(const V2Dictionary&) = delete;

  std::span<const std::string_view> versions() const { return versions_; }  // "2.1" … "2.8.2"
  bool knows_version(std::string_view version) const;
  // The version itself, else the newest that is not newer, else the oldest; for no version at all 2.5.1 stands in.
  int nearest(std::string_view version) const;
  static V2Versions bit(int version) { return static_cast<V2Versions>(1u << version); }

  const V2Segment* segment(std::string_view name) const;     // nullptr: unknown (Z segments are)
  const V2Type* type(std::string_view name) const;           // by any spelling of a family; nullptr: unknown
  const V2Structure* structure(std::string_view name) const;
  const V2Table* table(std::string_view name) const;         // "0085"; nullptr: unknown, or open: countries, coding systems

  // The structure of a message: MSH-9.3 if it is known, else by MSH-9.1, MSH-9.2 and version (an index of versions()),
  // else of the nearest version that knows the event, else a structure called "code_event" or "code"; nullptr: nobody knows.
  // Without an event it is R01 of ORU, O01 of ORM, O02 of ORR, P03 of DFT.
  const V2Structure* structure(std::string_view code, std::string_view event, std::string_view stated, int version) const;

  // What Node::element of a v2 tree stands for: a field or component, or an item; nullptr if the other, or 0.
  const V2Field* field_at(std::uint32_t element) const;
  const V2Item* item_at(std::uint32_t element) const;

  // All there is, in the order of the tables; for `list`, suggestions and tests.
  std::span<const V2Segment> segments() const { return segments_; }
  std::span<const V2Type> types() const { return types_; }
  std::span<const V2Structure> structures() const { return structures_; }

 private:
  struct Event {
    V2Versions versions;
    const V2Structure* structure;
  };
  void read_fields_of(std::string_view types_text, std::string_view segments_text);
  void read_structures(std::string_view text);
  void read_events(std::string_view text);
  void read_tables(std::string_view text);

  std::vector<std::string_view> versions_;
  std::vector<V2Field> fields_;            // element = index + 1
  std::vector<V2Item> items_;              // element = fields_.size() + index + 1
  std::vector<V2Type> types_;
  std::vector<V2Segment> segments_;
  std::vector<V2Structure> structures_;
  std::unordered_map<std::string_view, const V2Type*> type_by_name_;
  std::unordered_map<std::string_view, const V2Segment*> segment_by_name_;
  std::unordered_map<std::string_view, const V2Structure*> structure_by_name_;
  std::unordered_map<std::string_view, std::vector<Event>> events_;
  std::unordered_map<std::string_view, V2Table> table_by_name_;
};

}  // namespace tombolo
