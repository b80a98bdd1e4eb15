#include "engine/plugs.h"

#include "engine/connectors/channel/channel.h"
#include "engine/connectors/fhir/fhir.h"
#include "engine/connectors/file/file.h"
#include "engine/connectors/http/http.h"
#include "engine/connectors/kafka/kafka.h"
#include "engine/connectors/mllp/mllp.h"
#include "engine/connectors/nats/nats.h"
#include "engine/connectors/sql/database.h"
#include "engine/connectors/timer/timer.h"
#include "engine/flow/step.h"
#include "engine/formats/fhir/format.h"
#include "engine/formats/hl7v2/hl7v2.h"

namespace tombolo {

void stock(Shelves& shelves, const V2Dictionary& dictionary, const FhirSchema& schema) {
  shelves.sources.push_back(mllp_source());
  shelves.sources.push_back(http_source());
  shelves.sources.push_back(fhir_source(schema));
  shelves.sources.push_back(file_source());
  shelves.sources.push_back(channel_source());
  shelves.sources.push_back(timer_source());
  shelves.sources.push_back(database_source());
  shelves.sources.push_back(nats_source());
  shelves.destinations.push_back(mllp_destination());
  shelves.destinations.push_back(http_destination());
  shelves.destinations.push_back(file_destination());
  shelves.destinations.push_back(channel_destination());
  shelves.destinations.push_back(database_destination());
  shelves.destinations.push_back(nats_destination());
  shelves.destinations.push_back(kafka_destination());
  shelves.steps = {filter_step(), validate_step(), edit_step(), map_step(), deidentify_step()};
  shelves.formats.emplace("hl7v2", hl7v2_format(dictionary));
  shelves.formats.emplace("fhir", fhir_format(schema));
}

}  // namespace tombolo
