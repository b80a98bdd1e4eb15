#include <catch2/catch.hpp>

#include "engine/connectors/channel/channel.h"
#include "engine/connectors/file/file.h"
#include "engine/connectors/http/http.h"
#include "engine/connectors/kafka/kafka.h"
#include "engine/connectors/mllp/mllp.h"
#include "engine/connectors/nats/nats.h"
#include "engine/connectors/sql/database.h"
#include "engine/connectors/timer/timer.h"

using namespace tombolo;

namespace {

// The faults of `block` under `plug`, as text.
template <class Plug>
std::string faults(const Plug& plug, const Setting& block) {
  Diagnostics found;
  plug.make(block, "test", found, nullptr);
  return found.print();
}

Setting parse(std::string_view yaml) {
  Diagnostics found;
  Setting setting = parse_settings("example.yaml", yaml, process_environment(), found);
  REQUIRE(found.print() == "");
  return setting;
}

template <class Plug>
void check(const Plug& plug) {
  CAPTURE(plug.name);
  CHECK(!plug.about.empty());
  const Setting example = parse(plug.example);
  const Setting* block = example.find(plug.name);
  REQUIRE(block);
  CHECK(faults(plug, *block) == "");
  for (const auto& spec : plug.settings) {
    CAPTURE(spec.name);
    CHECK(!spec.about.empty());
    CHECK(!spec.type.empty());
    const Setting odd = parse(std::string(spec.name) + ": { unheard: of }");
    CHECK(faults(plug, odd).find("has no setting '" + std::string(spec.name) + "'") == std::string::npos);
  }
  for (const auto& [key, value, place] : block->members) {
    CAPTURE(key);
    CHECK(std::any_of(plug.settings.begin(), plug.settings.end(),
                      [&key = key](const SettingSpec& s) { return s.name == key; }));
  }
  CHECK(faults(plug, parse("nonsense: 1")).find("has no setting 'nonsense'") != std::string::npos);
}

}  // namespace

TEST_CASE("each wire's example is right, and each setting it lists is read", "[plugs]") {
  check(mllp_source());
  check(mllp_destination());
  check(http_source());
  check(http_destination());
  check(file_source());
  check(file_destination());
  check(channel_source());
  check(channel_destination());
  check(database_destination());
  check(timer_source());
  check(database_source());
  check(nats_source());
  check(nats_destination());
  check(kafka_destination());
}
