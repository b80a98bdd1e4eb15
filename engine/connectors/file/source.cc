#include <utility>

#include "engine/connectors/file/file.h"
#include "engine/connectors/file/pickup.h"

namespace tombolo {
namespace {

struct Options {
  std::string folder;
  PickupOptions pickup;
};

Options read(const Setting& block, Diagnostics& diagnostics) {
  Reader reader(block, "file source", diagnostics);
  Options o;
  o.folder = reader.required("folder");
  o.pickup = read_pickup(reader);
  reader.finish();
  return o;
}

std::vector<SettingSpec> settings() {
  std::vector<SettingSpec> all{{"folder", "path", "required", "where the files appear; relative to the working folder"}};
  for (const auto& one : pickup_settings()) all.push_back(one);
  return all;
}

}  // namespace

SourcePlug file_source() {
  return {"file", "takes the files of a folder, each once it stands still; what is refused is set aside",
          "file: { folder: in, pattern: \"*.hl7\", after: move, done: done, failed: failed }\n", settings(),
          [](const Setting& block, const std::string& channel, Diagnostics& diagnostics, const Edges* edges) -> std::unique_ptr<Source> {
            Options o = read(block, diagnostics);
            if (!edges || diagnostics.failed()) return nullptr;
            return make_pickup(std::move(o.pickup), local_folder(o.folder), o.folder, channel, *edges);
          }};
}

}  // namespace tombolo
