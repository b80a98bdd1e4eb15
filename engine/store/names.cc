#include "engine/store/names.h"

namespace tombolo::store {

std::int64_t Names::known(std::string_view name) {
  if (const auto found = numbers_.find(name); found != numbers_.end()) return found->second;
  Query q = database_.query("select number from name where text = ?");
  if (!q.with(name).step()) return 0;
  return numbers_.emplace(name, q.number(0)).first->second;
}

std::int64_t Names::number(std::string_view name) {
  if (const auto found = known(name); found != 0) return found;
  database_.query("insert into name(text) values (?)").with(name).run();
  return known(name);
}

const std::string& Names::text(std::int64_t number) {
  const auto [place, fresh] = texts_.try_emplace(number);
  if (fresh) {
    Query q = database_.query("select text from name where number = ?");
    if (q.with(number).step()) place->second = q.copy(0);
  }
  return place->second;
}

}  // namespace tombolo::store
