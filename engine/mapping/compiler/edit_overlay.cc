// `extend edit`: what a later layer changes in the edits of earlier ones.
#include <algorithm>
#include <string>

#include "engine/base/text.h"
#include "engine/mapping/compiler/overlay.h"
#include "engine/mapping/language/source.h"

namespace tombolo::mapping {

namespace {

using K = Statement::Kind;
using Block = std::vector<Statement>;

std::string_view word(K kind) {
  switch (kind) {
    case K::erase: return "delete ";
    case K::add: return "add ";
    case K::move: return "move ";
    case K::copy: return "copy ";
    case K::each: return "each ";
    case K::condition: return "if ";
    case K::let: return "let ";
    default: return "";
  }
}

// What a statement is about, as far as its place and its condition do not say it: "delete OBX", "add NTE", "PID-8".
std::string about(const Statement& s) {
  const auto& words = s.kind == K::add || s.kind == K::let ? s.name : s.kind == K::move || s.kind == K::copy || s.kind == K::rule ? s.target.whole : s.over;
  return std::string(word(s.kind)) + squeezed(words.text);
}

// Is this the place, if one is said, that an added, moved or copied segment goes to?
bool same_place(const Statement& b, const Statement& said) {
  return said.over.empty() || (b.before == said.before && squeezed(b.over.text) == squeezed(said.over.text));
}

bool same_condition(const Statement& b, const Statement& said) { return squeezed(b.clauses.when.text) == squeezed(said.clauses.when.text); }

bool reads(const Statement& s, const Words& source) {
  return std::any_of(s.chain.begin(), s.chain.end(), [&](const Alternative& link) {
    return std::any_of(link.sources.begin(), link.sources.end(), [&](const Words& w) { return squeezed(w.text) == squeezed(source.text); });
  });
}

// Does `remove` mean this statement?
bool means(const Statement& remove, const Statement& b) {
  if (remove.body.empty())
    return b.kind == K::rule && squeezed(b.target.whole.text) == squeezed(remove.target.whole.text) && (remove.over.empty() || reads(b, remove.over));
  const auto& said = remove.body.front();
  return b.kind == said.kind && about(b) == about(said) && same_place(b, said) && (said.clauses.when.empty() || same_condition(b, said));
}

// Does a statement with `replace` come in place of this one? Its condition, and where something moves to, may be new.
bool replaces(const Statement& s, const Statement& b) {
  return b.kind == s.kind && about(b) == about(s) && (s.kind != K::add || same_place(b, s));
}

class Extending {
 public:
  Extending(std::string_view edit, Diagnostics& diagnostics) : edit_(edit), diagnostics_(diagnostics) {}

  void work(const std::vector<Block*>& bases, const Block& change) {
    for (const auto& s : change) {
      if (s.kind == K::remove) remove(bases, s);
      else if (s.replace) replace(bases, s);
      else add(bases, s);
    }
  }

 private:
  void remove(const std::vector<Block*>& bases, const Statement& s) {
    std::size_t count = 0;
    for (auto* const base : bases) count += std::erase_if(*base, [&](const Statement& b) { return means(s, b); });
    const bool rule = s.body.empty();
    if (count == 0) nothing(bases, s, "remove", rule ? squeezed(s.target.whole.text) : about(s.body.front()), rule ? s.over : Words());
  }

  void replace(const std::vector<Block*>& bases, const Statement& s) {
    bool done = false;
    for (auto* const base : bases) {
      const auto first = std::find_if(base->begin(), base->end(), [&](const Statement& b) { return replaces(s, b); });
      const auto place = first - base->begin();
      if (std::erase_if(*base, [&](const Statement& b) { return replaces(s, b); }) == 0 || done) continue;
      base->insert(base->begin() + place, s);
      done = true;
    }
    if (!done) nothing(bases, s, "replace", about(s), {});
  }

  // A block continues those with the same head.
  void add(const std::vector<Block*>& bases, const Statement& s) {
    std::vector<Block*> blocks;
    if (s.kind == K::each || s.kind == K::condition)
      for (auto* const base : bases)
        for (auto& b : *base)
          if (b.kind == s.kind && about(b) == about(s) && same_condition(b, s)) blocks.push_back(&b.body);
    if (!blocks.empty()) return work(blocks, s.body);
    for (const auto& inside : s.body)
      if (inside.kind == K::remove || inside.replace)
        return s.source->error(diagnostics_, inside.at, "the edit " + edit_ + " has no `" + about(s) + "` with this condition to change");
    bases.back()->push_back(s);
  }

  void nothing(const std::vector<Block*>& bases, const Statement& s, const std::string& what, const std::string& meant, Words reading) {
    std::vector<std::string> there;
    for (const auto* const base : bases)
      for (const auto& b : *base) there.push_back(about(b));
    const std::vector<std::string_view> names(there.begin(), there.end());
    const bool known = std::find(there.begin(), there.end(), meant) != there.end();
    const auto rest = !known ? suggestion(meant, names) : reading.empty() ? " as it is said here" : " that reads " + std::string(reading.text);
    s.source->error(diagnostics_, s.at, what + " meets nothing: the edit " + edit_ + " has no `" + meant + "`" + rest);
  }

  std::string edit_;
  Diagnostics& diagnostics_;
};

}  // namespace

void extend(const std::vector<EditText*>& bases, const EditText& change, Diagnostics& diagnostics) {
  std::vector<Block*> blocks;
  for (auto* const base : bases) blocks.push_back(&base->body);
  Extending(bases.front()->structures.front().text, diagnostics).work(blocks, change.body);
}

}  // namespace tombolo::mapping
