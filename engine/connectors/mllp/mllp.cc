#include "engine/connectors/mllp/mllp.h"

#include "engine/connectors/mllp/destination.h"
#include "engine/connectors/mllp/options.h"
#include "engine/connectors/mllp/source.h"

namespace tombolo {

SourcePlug mllp_source() {
  return {"mllp", "takes HL7 v2 messages in over MLLP and sends the acknowledgements back",
          "mllp: { listen: \"127.0.0.1:2575\", max_message: 16MiB, allow: [127.0.0.0/8, \"::1\"] }\n",
          mllp::source_settings(),
          [](const Setting& block, const std::string& channel, Diagnostics& diagnostics,
             const Edges* edges) -> std::unique_ptr<Source> {
            auto options = mllp::read_source(block, diagnostics);
            if (!edges || diagnostics.failed()) return nullptr;
            return mllp::make_source(std::move(options), channel, *edges);
          }};
}

DestinationPlug mllp_destination() {
  return {"mllp", "sends HL7 v2 messages over MLLP and checks that the acknowledgement names them",
          "mllp: { connect: \"127.0.0.1:2576\", reply_timeout: 30s }\n", mllp::destination_settings(),
          [](const Setting& block, const std::string& channel, Diagnostics& diagnostics,
             const Edges* edges) -> std::unique_ptr<Destination> {
            auto options = mllp::read_destination(block, diagnostics);
            if (!edges || diagnostics.failed()) return nullptr;
            return mllp::make_destination(std::move(options), channel, *edges);
          }};
}

}  // namespace tombolo
