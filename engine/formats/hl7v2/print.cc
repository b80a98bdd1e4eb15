#include "engine/formats/hl7v2/print.h"

#include "engine/base/charset.h"
#include "engine/base/text.h"
#include "engine/formats/hl7v2/build.h"
#include "engine/formats/hl7v2/decode.h"
#include "engine/formats/hl7v2/message.h"
#include "engine/formats/hl7v2/patch.h"
#include "engine/formats/hl7v2/writer.h"

namespace tombolo::hl7v2 {
namespace {

// The delimiters that a header's nodes 1 and 2 name, "|^~\&" where it has none.
Delimiters delimiters_of(const Tree& tree, NodeId header) {
  std::string text = "MSH";
  const NodeId one = tree.child(header, "1"), two = tree.child(header, "2");
  if (one != no_node) text += tree[one].value();
  if (two != no_node) text += tree[two].value();
  const auto found = delimiters(text);
  return found && found->component != 0 ? *found : Delimiters{};
}

Result<std::string> print_fresh(const Tree& tree) {
  std::vector<NodeId> segments;
  collect_segments(tree, tree.root(), segments);
  std::string out;
  Delimiters d;
  for (const NodeId id : segments) {
    if (is_header(tree[id].name())) d = delimiters_of(tree, id);
    if (const auto done = Writer(tree, d).segment(out, id); !done) return done.error();
    out += '\r';
  }
  return out;
}

// The first repetition of MSH-18, or empty.
std::string_view stated_charset(const Tree& tree, NodeId header) {
  const NodeId field = header == no_node ? no_node : tree.child(header, "18");
  if (field == no_node) return {};
  return trim(tree[tree[field].first == no_node ? field : tree[field].first].value());
}

// A message whose MSH-18 was changed to another set that is known: in that set.
Result<std::string> in_stated_charset(std::string text, const std::string& is, std::string_view stated, std::string_view before) {
  if (stated.empty() || stated == before || ascii(text)) return text;
  const auto wanted = charset_name(stated);
  if (!wanted || *wanted == is) return text;
  const auto utf_8 = to_utf8(text, is);
  if (!utf_8) return utf_8.error();
  if (utf_8->replaced > 0) return Fault{Kind::malformed, "MSH-18", "some bytes are no characters of " + is + ": they cannot be written in another set"};
  return from_utf8(utf_8->text, *wanted);
}

}  // namespace

Result<std::string> print(const Tree& tree, const V2Dictionary& dictionary) {
  const Node& root = tree[tree.root()];
  if (root.length == 0) return print_fresh(tree);
  const std::string_view bytes = root.value();
  Reading reading;
  reading.charset = charset_of_code(root.flags);
  reading.max_segments = bytes.size() + 1;
  if (reading.charset.empty()) return Fault{Kind::unsupported, "", "no way back into the character set it was read in"};

  Arena arena;
  Tree received(arena);
  std::vector<Complaint> unheard;
  const Decoded decoded = decode(bytes, reading, arena, unheard);
  const std::string_view base = decoded.aligned ? bytes : decoded.text;
  if (!decoded.aligned) reading.charset = "UTF-8";
  if (const auto done = build(base, reading, dictionary, received, unheard); !done) return done.error();
  if (!any_put(tree) && same_content(tree, tree.root(), received, received.root())) return std::string(bytes);

  const NodeId msh = received[received.root()].first;
  const NodeId now = tree.child(tree.root(), received[msh].name());
  if (now != no_node && encoding_characters(delimiters_of(tree, now)) != encoding_characters(delimiters_of(received, msh))) return print_fresh(tree);
  Message index;
  Limits limits;
  limits.segments = reading.max_segments;
  if (const auto done = index.index(base, limits); !done) return done.error();
  auto printed = Patch(tree, base, received, index, decoded.aligned ? std::string_view(decoded.charset) : "UTF-8").print();
  if (printed && !decoded.aligned) printed = from_utf8(*printed, decoded.charset);
  if (!printed) return printed;
  return in_stated_charset(std::move(*printed), decoded.charset, stated_charset(tree, now), stated_charset(received, msh));
}

}  // namespace tombolo::hl7v2
