// XmlReader: XML 1.0 with namespaces, one token after the other, out of bytes that stay as they are. So whoever needs a part
// exactly as it was sent takes its bytes (FHIR's narrative, CDA's text), and every token knows where it stood.
//
// Strict: what is not well-formed is a Fault with line and column. There is no DTD: a DOCTYPE is refused, hence there are no
// entities but the five of XML itself, nothing is expanded and nothing is fetched. UTF-8 only. Any character beyond ASCII may be
// part of a name (XML's list of letters is not kept).
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/arena.h"
#include "engine/base/result.h"

namespace tombolo {

enum class XmlKind : std::uint8_t {
  start,        // of an element; <a/> is a start and an end
  end,          // of an element
  text,         // characters up to the next tag, or a CDATA section
  comment,
  instruction,  // <?target …?>; the XML declaration is none
  finish,       // nothing comes after the root
};

struct XmlAttribute {
  std::string_view space;       // URI of its namespace; empty: none, as of every attribute without prefix
  std::string_view name;        // without prefix
  std::string_view value;       // unescaped, blanks normalised as XML wants it: a line end in it is a blank, &#10; is a line end
  std::size_t begin = 0;        // where its name stands
};

struct XmlBinding {             // of a prefix to a namespace; prefix empty: the namespace of elements without one
  std::string_view prefix, space;
  std::size_t depth = 0;        // of the element that declares it; the root's is 1
};

struct XmlLimits {
  std::size_t depth = 128;      // elements within each other
  std::size_t attributes = 64;  // of one element, declarations of namespaces included
};

class XmlReader {
 public:
  // Both outlive what the reader gives: values that are not in the bytes as they are, are in the arena.
  XmlReader(std::string_view bytes, Arena& arena, const XmlLimits& limits = {});

  // The next token; after `finish` or a Fault there is none. Fault::where is "line:column".
  Result<XmlKind> next();

  std::string_view name() const { return name_; }        // of a start or end: without prefix
  std::string_view space() const { return space_; }      // of a start or end: URI of the namespace, or empty
  std::string_view qualified() const { return qualified_; }                        // of a start or end: as written
  std::span<const XmlAttribute> attributes() const { return attributes_; }         // of a start; without xmlns
  std::string_view text() const { return text_; }        // of a text: unescaped, line ends are \n
  bool blank() const;                                    // of a text: nothing but white space

  std::size_t begin() const { return begin_; }           // the bytes of the token
  std::size_t end() const { return at_; }
  std::size_t depth() const { return open_.size(); }     // elements that are open; after an end without the one that ended
  std::span<const XmlBinding> bindings() const { return bindings_; }   // in force; after a start those that it declares are the last

  // The binding that gives the element or attribute its namespace; nullptr: none (or the prefix is `xml`).
  const XmlBinding* binding(std::string_view prefix) const;

  Fault fault(std::size_t offset, std::string what, Kind kind = Kind::malformed) const;

 private:
  struct Open {
    std::string_view qualified, space, name;
    std::size_t bindings;                                // how many there were before it
  };
  struct Raw {
    std::string_view prefix, name;
  };

  Result<void> prolog();
  Result<XmlKind> markup();
  Result<XmlKind> start();
  Result<XmlKind> finish_tag();
  Result<XmlKind> ended();
  Result<XmlKind> character_data();
  Result<XmlKind> cdata();
  Result<XmlKind> until(std::string_view close, XmlKind kind, std::size_t skip);
  Result<void> attribute();
  Result<void> resolve();
  Result<void> distinct() const;
  Result<Raw> qualified_name();
  Result<std::string_view> unescape(std::size_t from, std::size_t to, bool attribute);
  Result<std::size_t> reference(std::size_t at, std::string& out) const;
  std::string_view rest() const { return bytes_.substr(at_); }
  bool take(std::string_view literal);
  bool blanks();

  std::string_view bytes_;
  Arena& arena_;
  const XmlLimits limits_;
  std::size_t at_ = 0, begin_ = 0;
  bool started_ = false;                                 // the declaration, if any, is behind us
  bool rooted_ = false;                                  // the root has been seen
  bool empty_ = false;                                   // <a/>: its end comes next
  std::string_view name_, space_, qualified_, text_;
  std::vector<XmlAttribute> attributes_;
  std::vector<std::string_view> prefixes_;               // of attributes_, until they are resolved
  std::vector<XmlBinding> bindings_;
  std::vector<Open> open_;
};

}  // namespace tombolo
