#include "engine/mapping/bundle.h"

namespace tombolo::mapping {

// A Reference, or the text of one, to an entry of this Bundle.
void BundleFrame::resolve(const fhirpath::Item& reference, fhirpath::Items& out) const {
  const auto* const ref = reference.node();
  if (ref == nullptr) return;
  const NodeId inside = bundle_.child(ref->node, "reference");
  const auto url = bundle_[inside == no_node ? ref->node : inside].value();
  for (const NodeId entry : children(bundle_, bundle_.root())) {
    const NodeId full = bundle_.child(entry, "fullUrl"), resource = bundle_.child(entry, "resource");
    if (full != no_node && resource != no_node && bundle_[full].value() == url) return out.add(bundle_, resource);
  }
}

}  // namespace tombolo::mapping
