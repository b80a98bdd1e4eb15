// A channel's walk without an engine: text of the channel file in, parcel in, posting out.
#pragma once

#include <catch2/catch.hpp>

#include <map>
#include <memory>
#include <string>

#include "engine/flow/walk.h"
#include "engine/plugs.h"

namespace tombolo {

class Walking {
 public:
  // site: the folder of the site's own maps and tables; empty: none.
  explicit Walking(const std::string& channel, const std::string& site = "") : library_(site), dictionary_(library_), schema_(library_) {
    stock(shelves_, dictionary_, schema_);
    channel_ = read_channel("t.yaml", channel, [](std::string_view) { return std::nullopt; }, shelves_, found_);
    const Definitions definitions{library_, dictionary_, schema_, {}, loaded_};
    if (!found_.failed()) walk_ = compile_walk(channel_, definitions, found_);
  }

  std::string errors() const { return found_.print(); }

  // released: as if a person had let it pass that was held.
  Walked operator()(const std::string& message, bool released = false) const {
    INFO(found_.print());
    REQUIRE_FALSE(found_.failed());
    Parcel parcel;
    parcel.sequence = 1;
    parcel.channel = channel_.name;
    parcel.bytes = message;
    parcel.released = released;
    return (*walk_)(parcel, {"4711"}, nullptr);
  }

 private:
  Library library_;
  V2Dictionary dictionary_;
  FhirSchema schema_;
  Shelves shelves_;
  Diagnostics found_;
  Channel channel_;
  Loaded loaded_;
  std::unique_ptr<const Walk> walk_;
};

}  // namespace tombolo
