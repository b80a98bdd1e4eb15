// What FHIR adds to the language: extension conformsTo memberOf checkModifiers htmlChecks.
#include <algorithm>
#include <array>
#include <vector>

#include "engine/base/letters.h"
#include "engine/base/text.h"
#include "engine/fhirpath/functions/functions.h"

namespace tombolo::fhirpath {
namespace {

// Those called `extension` whose `url` it is; modifier extensions are not among them.
bool extension(Call& call, Items& out) {
  std::optional<std::string_view> url;
  if (!call.text_argument(0, url)) return false;
  if (!url) return true;
  for (const Item& item : call.input()) {
    const NodeRef* const ref = item.node();
    if (ref == nullptr) continue;
    const Tree& tree = *ref->tree;
    for (const NodeId child : children(tree, ref->node)) {
      if (tree[child].name() != "extension") continue;
      const NodeId named = tree.child(child, "url");
      if (named != no_node && tree[named].value() == *url) out.add(tree, child);
    }
  }
  return true;
}

Shape check_extension(Checking& c) {
  const auto type = c.types().find("FHIR", "Extension");
  return type ? Shape{{*type}, true, true} : Shape{{}, true, true};
}

bool conforms_to(Call& call, Items& out) {
  std::optional<std::string_view> url;
  if (!call.text_argument(0, url)) return false;
  if (!url || call.input().empty()) return true;
  if (call.input().size() > 1) return call.fail("expected one item, found " + std::to_string(call.input().size()));
  const auto answer = call.frame().conforms(call.input()[0], *url);
  if (!answer) return call.fail("nobody knows this profile");
  out.add(call.item(*answer, {&call.input()}));
  return true;
}

// What nobody knows, or more than one item, is neither in the value set nor outside.
bool member_of(Call& call, Items& out) {
  std::optional<std::string_view> url;
  if (!call.text_argument(0, url)) return false;
  if (!url || call.input().size() != 1) return true;
  const auto answer = call.frame().member(call.input()[0], *url);
  if (answer) out.add(call.item(*answer, {&call.input()}));
  return true;
}

// The input again, unless it has a modifier extension with another url than those.
bool check_modifiers(Call& call, Items& out) {
  std::vector<std::string_view> known;
  for (std::size_t i = 0; i < call.count(); ++i) {
    std::optional<std::string_view> url;
    if (!call.text_argument(i, url)) return false;
    if (url) known.push_back(*url);
  }
  for (const Item& item : call.input()) {
    const NodeRef* const ref = item.node();
    if (ref == nullptr) continue;
    const Tree& tree = *ref->tree;
    for (const NodeId child : children(tree, ref->node)) {
      const NodeId url = tree[child].name() == "modifierExtension" ? tree.child(child, "url") : no_node;
      if (tree[child].name() != "modifierExtension") continue;
      if (url == no_node || std::find(known.begin(), known.end(), tree[url].value()) == known.end()) return call.fail("found a modifier extension that is not known");
    }
  }
  out.append(call.input());
  return true;
}

constexpr std::array<std::string_view, 49> html_elements = {
    "a",   "abbr", "acronym", "b",    "big",  "blockquote", "br",   "caption", "cite", "code",   "col",  "colgroup", "dd",
    "dfn", "div",  "dl",      "dt",   "em",   "h1",         "h2",   "h3",      "h4",   "h5",     "h6",   "hr",       "i",
    "img", "li",   "map",     "ol",   "p",    "pre",        "q",    "samp",    "small", "span",  "strong", "sub",    "sup",
    "table", "tbody", "td",   "tfoot", "th",  "thead",      "tr",   "tt",      "ul",   "var"};
constexpr std::array<std::string_view, 36> html_attributes = {
    "abbr",     "accesskey", "align",   "alt",   "axis",    "bgcolor", "border", "cellhalign", "cellpadding", "cellspacing", "cellvalign", "char",
    "charoff",  "charset",   "cite",    "class", "colspan", "compact", "coords", "dir",        "frame",       "headers",     "height",     "href",
    "hreflang", "hspace",    "id",      "lang",  "name",    "rowspan", "rules",  "scope",      "src",         "style",       "title",      "xmlns"};
constexpr std::array<std::string_view, 6> more_html_attributes = {"span", "summary", "tabindex", "type", "valign", "width"};

template <class List>
bool among(const List& list, std::string_view word) { return std::find(list.begin(), list.end(), word) != list.end(); }

// One tag without its brackets: an element that narratives may have, with attributes that it may have; what it opens or closes.
bool proper_tag(std::string_view tag, std::vector<std::string_view>& open) {
  const bool closes = tag.starts_with('/'), empty = tag.ends_with('/');
  if (closes) tag.remove_prefix(1);
  else if (empty) tag.remove_suffix(1);
  std::size_t at = std::min(tag.find_first_of(" \t\r\n"), tag.size());
  const std::string_view name = tag.substr(0, at);
  if (closes) return !open.empty() && open.back() == name && (open.pop_back(), true);
  if (!among(html_elements, name)) return false;
  for (;;) {
    at = tag.find_first_not_of(" \t\r\n", at);
    if (at == std::string_view::npos) break;
    const std::size_t equals = tag.find('=', at);
    if (equals == std::string_view::npos || equals + 1 >= tag.size()) return false;
    const std::string_view attribute = trim(tag.substr(at, equals - at));
    if (!among(html_attributes, attribute) && !among(more_html_attributes, attribute) && attribute != "xml:lang") return false;
    const std::size_t begin = tag.find_first_of("\"'", equals);
    const std::size_t end = begin == std::string_view::npos ? begin : tag.find(tag[begin], begin + 1);
    if (end == std::string_view::npos) return false;
    at = end + 1;
  }
  if (!empty) open.push_back(name);
  return true;
}

// A narrative: well-formed, of known elements without scripts and forms, in one div, and not blank (an image is something).
bool proper_narrative(std::string_view html) {
  std::vector<std::string_view> open;
  bool filled = false;
  html = trim(html);
  if (!html.starts_with("<div")) return false;
  while (!html.empty()) {
    const std::size_t next = std::min(html.find('<'), html.size());
    if (next > 0 && open.empty()) return false;  // behind the div
    filled = filled || html.substr(0, next).find_first_not_of(" \t\r\n") != std::string_view::npos;
    html.remove_prefix(next);
    if (html.empty()) break;
    const bool comment = html.starts_with("<!--");
    const std::size_t end = html.find(comment ? "-->" : ">");
    if (end == std::string_view::npos) return false;
    filled = filled || html.starts_with("<img");
    if (!comment && !proper_tag(html.substr(1, end - 1), open)) return false;
    html.remove_prefix(end + (comment ? 3 : 1));
    if (open.size() > 1000) return false;
  }
  return open.empty() && filled;
}

bool html_checks(Call& call, Items& out) {
  if (call.input().size() != 1) return true;
  const auto html = text(call.input()[0], call.arena());
  if (html) out.add(call.item(proper_narrative(*html), {&call.input()}));
  return true;
}

constexpr std::array functions = {
    Function{"extension", 1, 1, "s", check_extension, extension, false, "1.extension('x').empty()"},
    Function{"conformsTo", 1, 1, "s", checks::maybe_truth, conforms_to, false, "{}.conformsTo('x').empty()"},
    Function{"memberOf", 1, 1, "s", checks::maybe_truth, member_of, false, "'a'.memberOf('urn:nobody-knows-it').empty()"},
    Function{"checkModifiers", 0, Function::any, "s", checks::same, check_modifiers, false, "1.checkModifiers('x') = 1"},
    Function{"htmlChecks", 0, 0, "", checks::maybe_truth, html_checks, false, "'<div><p>Text</p></div>'.htmlChecks()"},
};

}  // namespace

std::span<const Function> fhir_functions() { return functions; }

}  // namespace tombolo::fhirpath
