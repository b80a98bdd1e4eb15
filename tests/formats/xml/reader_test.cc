#include "engine/formats/xml/reader.h"

#include <catch2/catch.hpp>

using namespace tombolo;

namespace {

// All tokens on one line: "<{space}name a=v>" "</name>" "text" "!comment" "?instruction"; a fault at its end.
std::string tokens(std::string_view bytes, const XmlLimits& limits = {}) {
  Arena arena;
  XmlReader xml(bytes, arena, limits);
  std::string all;
  for (;;) {
    const auto kind = xml.next();
    if (!kind) return all + "fault " + text(kind.error());
    const std::string name = (xml.space().empty() ? "" : "{" + std::string(xml.space()) + "}") + std::string(xml.name());
    switch (*kind) {
      case XmlKind::start:
        all += "<" + name;
        for (const auto& one : xml.attributes()) {
          all += " " + (one.space.empty() ? "" : "{" + std::string(one.space) + "}") + std::string(one.name) + "=" + std::string(one.value);
        }
        all += ">";
        break;
      case XmlKind::end: all += "</" + name + ">"; break;
      case XmlKind::text: all += std::string(xml.text()); break;
      case XmlKind::comment: all += "!" + std::string(xml.text()) + "!"; break;
      case XmlKind::instruction: all += "?" + std::string(xml.text()) + "?"; break;
      case XmlKind::finish: return all;
    }
  }
}

std::string fault(std::string_view bytes) {
  const std::string all = tokens(bytes);
  const auto at = all.find("fault ");
  return at == all.npos ? "no fault: " + all : all.substr(at + 6);
}

}  // namespace

TEST_CASE("elements, attributes and text come as they stand", "[xml]") {
  CHECK(tokens("<a/>") == "<a></a>");
  CHECK(tokens("\xEF\xBB\xBF<?xml version=\"1.0\" encoding='utf-8' standalone=\"yes\"?>\n<a b = 'c'  d=\"e\" >f<g />h</a >\n") == "\n<a b=c d=e>f<g></g>h</a>\n");
  CHECK(tokens("<a>1 &lt; 2 &amp;&#65;&#x1F600;&quot;&apos;&gt;</a>") == "<a>1 < 2 &A\xF0\x9F\x98\x80\"'></a>");
  CHECK(tokens("<a><![CDATA[<b>&amp;]]]></a>") == "<a><b>&amp;]</a>");
  CHECK(tokens("<a><!-- x - y --><?p q?></a>") == "<a>! x - y !?p q?</a>");
  CHECK(tokens("<\xC3\xA9t\xC3\xA9/>") == "<\xC3\xA9t\xC3\xA9></\xC3\xA9t\xC3\xA9>");
}

TEST_CASE("line ends become one line feed in text, a blank in a value; references to them stay", "[xml]") {
  CHECK(tokens("<a>1\r\n2\r3\n4&#13;</a>") == "<a>1\n2\n3\n4\r</a>");
  CHECK(tokens("<a b='1\r\n2\r3\n4\t5&#10;6&#9;7'/>") == "<a b=1 2 3 4 5\n6\t7></a>");
  CHECK(tokens("<a><![CDATA[1\r\n2\r3]]></a>") == "<a>1\n2\n3</a>");
}

TEST_CASE("prefixes stand for namespaces where they are declared", "[xml]") {
  CHECK(tokens("<a xmlns='u'><b/><c xmlns=''><d/></c></a>") == "<{u}a><{u}b></{u}b><c><d></d></c></{u}a>");
  CHECK(tokens("<p:a xmlns:p='u' p:x='1' x='2'><p:b xmlns:p='v'/><p:c/></p:a>") == "<{u}a {u}x=1 x=2><{v}b></{v}b><{u}c></{u}c></{u}a>");
  CHECK(tokens("<a xml:lang='de'/>") == "<a {http://www.w3.org/XML/1998/namespace}lang=de></a>");
  CHECK(fault("<p:a/>") == "1:1: the prefix of this element stands for no namespace");
  CHECK(fault("<a p:b='1'/>") == "1:4: the prefix of this attribute stands for no namespace");
  CHECK(fault("<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>") == "1:36: this attribute stands twice in its element");
  CHECK(fault("<a xmlns:p='u' xmlns:p='v'/>") == "1:16: this attribute stands twice in its element");
  CHECK(fault("<a xmlns:p=''/>") == "1:4: this namespace cannot be declared so");
}

TEST_CASE("what is not well-formed is refused with its place", "[xml]") {
  CHECK(fault("") == "1:1: expected an element, found the end of the text");
  CHECK(fault("a") == "1:1: expected an element, found text");
  CHECK(fault("<a>\n<b></a>") == "2:4: expected </b>, found </a>");
  CHECK(fault("<a><b>") == "1:7: expected </b>, found the end of the text");
  CHECK(fault("<a/><b/>") == "1:5: expected nothing after the root element, found another element");
  CHECK(fault("<a/>x") == "1:5: expected nothing after the root element, found text");
  CHECK(fault("</a>") == "1:1: expected no end tag: no element is open");
  CHECK(fault("<a b=c/>") == "1:6: expected the value of an attribute in quotes");
  CHECK(fault("<a b/>") == "1:5: expected = and a value after the name of an attribute");
  CHECK(fault("<a b='1'c='2'/>") == "1:9: expected a blank, > or />");
  CHECK(fault("<a b='1' b='2'/>") == "1:10: this attribute stands twice in its element");
  CHECK(fault("<a b='<'/>") == "1:7: < may not stand in a value");
  CHECK(fault("<a>&nbsp;</a>") == "1:4: expected a reference that XML itself knows (amp lt gt quot apos), found another");
  CHECK(fault("<a>&amp</a>") == "1:4: expected a reference such as &amp;");
  CHECK(fault("<a>&#0;</a>") == "1:4: this reference stands for no character of XML");
  CHECK(fault("<a>&#xD800;</a>") == "1:4: this reference stands for no character of XML");
  CHECK(fault("<a>\x01</a>") == "1:4: this character has no place in XML");
  CHECK(fault("<a>\xFF</a>") == "1:4: this is not UTF-8");
  CHECK(fault("<a>]]></a>") == "1:4: ]]> may not stand in text");
  CHECK(fault("<a><!-- -- --></a>") == "1:9: -- may not stand in a comment");
  CHECK(fault("<a><![CDATA[x</a>") == "1:4: expected ]]> at its end");
  CHECK(fault("<1/>") == "1:2: expected a name");
  CHECK(fault("<a") == "1:3: expected > at the end of the tag");
  CHECK(fault("<a><?xml version='1.0'?></a>") == "1:4: the XML declaration stands at the very beginning or not at all");
}

TEST_CASE("nothing but UTF-8, nothing but XML 1.0, and no DOCTYPE", "[xml]") {
  CHECK(fault("<?xml version='1.0' encoding='ISO-8859-1'?><a/>") == "1:21: expected the encoding UTF-8, found another");
  CHECK(fault("<?xml version='1.1'?><a/>") == "1:7: expected XML 1.0, found another version");
  CHECK(fault("\xFE\xFF") == "1:1: expected UTF-8, found UTF-16");
  CHECK(fault("<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>") == "1:1: a DOCTYPE is refused: there are no entities here but those of XML itself");
  CHECK(fault("<a><!ELEMENT b></a>") == "1:4: this is no markup of XML");
}

TEST_CASE("depth and attributes have limits", "[xml]") {
  std::string deep;
  for (int i = 0; i < 200; ++i) deep += "<a>";
  CHECK(fault(deep) == "1:385: nested more than 128 deep");
  CHECK(tokens("<a b='1' c='2'/>", {1, 2}) == "<a b=1 c=2></a>");
  CHECK(tokens("<a b='1' c='2' xmlns='u'/>", {1, 2}).find("more than 2 attributes") != std::string::npos);
}

TEST_CASE("every token knows its bytes", "[xml]") {
  const std::string_view bytes = "<a>x<b c='1'/><!--d--></a>";
  Arena arena;
  XmlReader xml(bytes, arena);
  std::vector<std::string_view> pieces;
  for (auto kind = xml.next(); kind && *kind != XmlKind::finish; kind = xml.next()) pieces.push_back(bytes.substr(xml.begin(), xml.end() - xml.begin()));
  CHECK(pieces == std::vector<std::string_view>{"<a>", "x", "<b c='1'/>", "", "<!--d-->", "</a>"});
}
