#include "engine/formats/fhir/print.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "engine/base/json.h"
#include "engine/base/json_scan.h"
#include "engine/formats/json/json.h"

namespace tombolo {
namespace {

// Copies up to 16 bytes without a call: two moves that may overlap. Most names and values are that short.
inline void copy(char* to, const char* from, std::size_t n) {
  const auto ends = [&](auto word) {
    std::memcpy(&word, from + n - sizeof word, sizeof word);
    const auto tail = word;
    std::memcpy(&word, from, sizeof word);
    std::memcpy(to, &word, sizeof word);
    std::memcpy(to + n - sizeof tail, &tail, sizeof tail);
  };
  if (n > 16) std::memcpy(to, from, n);
  else if (n >= 8) ends(std::uint64_t{});
  else if (n >= 4) ends(std::uint32_t{});
  else if (n >= 2) ends(std::uint16_t{});
  else if (n == 1) *to = *from;
}

// The end of a string that grows ahead of what is written: no check and no length update per piece.
class Sink {
 public:
  explicit Sink(std::string& out) : out_(out), at_(out.size()) { out_.resize(std::max(out_.capacity(), at_ + 16384)); }
  ~Sink() { out_.resize(at_); }
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;

  void put(char c) { *room(1) = c; }
  void put(std::string_view text) { copy(room(text.size()), text.data(), text.size()); }
  // "prefixname": with the colon and what follows it in `colon`.
  void name(std::string_view prefix, std::string_view text, std::string_view colon) {
    char* to = room(1 + prefix.size() + text.size() + colon.size());
    *to++ = '"';
    if (!prefix.empty()) *to++ = prefix[0];
    copy(to, text.data(), text.size());
    copy(to + text.size(), colon.data(), colon.size());
  }
  void string(std::string_view text) {
    const std::size_t plain = plain_prefix(text);
    if (plain < text.size()) return escaped(text);
    char* const to = room(text.size() + 2);
    *to = '"';
    copy(to + 1, text.data(), text.size());
    to[text.size() + 1] = '"';
  }
  void blanks(std::size_t n) { std::memset(room(n), ' ', n); }
  std::size_t size() const { return at_; }
  void back_to(std::size_t size) { at_ = size; }

 private:
  // `n` bytes to be written at once.
  char* room(std::size_t n) {
    if (out_.size() - at_ < n) out_.resize((at_ + n) * 2);
    at_ += n;
    return out_.data() + at_ - n;
  }
  void escaped(std::string_view text) {
    std::string quoted;
    append_json_string(quoted, text);
    put(quoted);
  }

  std::string& out_;
  std::size_t at_;
};

// Writes optimistically: what turns out to be empty is taken back by going back to where it began.
class Printer {
 public:
  Printer(std::string& out, const Tree& tree, const FhirSchema& schema, int indent)
      : sink_(out), tree_(tree), schema_(schema), indent_(static_cast<std::size_t>(indent)), colon_(indent > 0 ? "\": " : "\":") {}

  void print(NodeId node) {
    if (!value(node)) sink_.put("{}");
  }

 private:
  bool leaf(const Node& node) const { return schema_[node.element].primitive != Primitive::none; }

  // The element's value; false: there is none, nothing was written.
  bool value(NodeId id) {
    const Node& node = tree_[id];
    return leaf(node) ? primitive(node) : object(node);
  }

  bool primitive(const Node& node) {
    if (node.holds != Holds::text) return false;
    const Primitive kind = schema_[node.element].primitive;
    // A number or truth value that is none is text, so that what is written is JSON whatever the tree holds.
    if (quoted(kind) || !valid(kind == Primitive::boolean ? kind : Primitive::decimal, node.value())) sink_.string(node.value());
    else sink_.put(node.value());
    return true;
  }

  bool object(const Node& node) {
    const std::size_t begin = sink_.size();
    sink_.put('{');
    ++depth_;
    const Element& element = schema_[node.element];
    const bool resource = element.kind == TypeKind::resource && element.owner == untyped;
    if (resource) {
      member_begin(false, "", "resourceType");
      sink_.string(element.name);
    }
    const bool filled = members(node, resource);
    --depth_;
    if (filled) close('}');
    else sink_.back_to(begin);
    return filled;
  }

  // The members of an object after its brace. filled: something stands there already.
  bool members(const Node& node, bool filled) {
    NodeId child = node.first;
    while (child != no_node) {
      const Node& at = tree_[child];
      if (at.element == untyped) {
        child = unknown(child, filled);
        filled = true;
        continue;
      }
      const ElementId member = schema_.as_member(at.element, node.element, at.name());
      NodeId end = at.next;
      if (schema_[member].list()) {
        while (end != no_node && (tree_[end].element == at.element || tree_[end].name() == at.name())) end = tree_[end].next;
        filled |= list(child, end, schema_[member], filled);
      } else {
        filled |= single(child, schema_[member], filled);
      }
      child = end;
    }
    return filled;
  }

  // What R4 does not have, as it was read, with the items of its array; the child behind.
  NodeId unknown(NodeId child, bool filled) {
    const Node& first = tree_[child];
    if (filled) sink_.put(',');
    new_line();
    sink_.string(first.name());
    sink_.put(colon_.substr(1));
    if (!json_item(first)) return any(child), first.next;
    bool item = false;
    sink_.put('[');
    ++depth_;
    for (; child != no_node && json_item(tree_[child]) && tree_[child].name() == first.name(); child = tree_[child].next, item = true) {
      if (item) sink_.put(',');
      new_line();
      any(child);
    }
    --depth_;
    close(']');
    return child;
  }

  void any(NodeId id) { sink_.put(print_json(tree_, id)); }

  bool single(NodeId id, const Element& element, bool filled) {
    const bool first = member_if(filled, "", element, [&] { return value(id); });
    if (!leaf(tree_[id]) || tree_[id].first == no_node) return first;
    return member_if(filled || first, "_", element, [&] { return object(tree_[id]); }) || first;
  }

  bool list(NodeId begin, NodeId end, const Element& element, bool filled) {
    if (!leaf(tree_[begin])) {
      return member_if(filled, "", element, [&] { return items(begin, end, false, [&](NodeId id) { return value(id); }); });
    }
    const bool first = member_if(filled, "", element, [&] { return items(begin, end, true, [&](NodeId id) { return value(id); }); });
    bool companions = false;
    for (NodeId id = begin; id != end; id = tree_[id].next) companions |= tree_[id].first != no_node;
    if (!companions) return first;
    const auto companion = [&](NodeId id) { return object(tree_[id]); };
    return member_if(filled || first, "_", element, [&] { return items(begin, end, true, companion); }) || first;
  }

  // An array. nulls: an item without a value is null, to keep its place beside the other array of the primitive.
  template <class Write>
  bool items(NodeId begin, NodeId end, bool nulls, Write write) {
    bool filled = false, valued = false;
    sink_.put('[');
    ++depth_;
    for (NodeId id = begin; id != end; id = tree_[id].next) {
      const std::size_t before = sink_.size();
      if (filled) sink_.put(',');
      new_line();
      const bool written = write(id);
      valued |= written;
      if (!written && nulls && tree_[id].holds != Holds::deleted) sink_.put("null");
      else if (!written) {
        sink_.back_to(before);
        continue;
      }
      filled = true;
    }
    --depth_;
    close(']');
    return valued;
  }

  template <class Write>
  bool member_if(bool filled, std::string_view prefix, const Element& element, Write write) {
    const std::size_t before = sink_.size();
    member_begin(filled, prefix, element.json_name);
    if (write()) return true;
    sink_.back_to(before);
    return false;
  }

  void member_begin(bool filled, std::string_view prefix, std::string_view name) {
    if (filled) sink_.put(',');
    new_line();
    sink_.name(prefix, name, colon_);
  }

  void close(char bracket) {
    new_line();
    sink_.put(bracket);
  }

  void new_line() {
    if (indent_ == 0) return;
    sink_.put('\n');
    sink_.blanks(depth_ * indent_);
  }

  Sink sink_;
  const Tree& tree_;
  const FhirSchema& schema_;
  const std::size_t indent_;
  const std::string_view colon_;
  std::size_t depth_ = 0;
};

}  // namespace

void append_fhir(std::string& out, const Tree& tree, const FhirSchema& schema, NodeId node, int indent) {
  Printer(out, tree, schema, indent).print(node);
}

}  // namespace tombolo
