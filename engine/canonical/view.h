// Questions about a canonical tree that more than one room asks.
#pragma once

#include <string>

#include "engine/schema/fhir.h"
#include "engine/tree/tree.h"

namespace tombolo {

// "Bundle.entry[2].resource.name[0].family": the path of a node as people and FHIRPath write it; lists have an index from 0.
// from: a node above it to begin with, by its type ("Patient.name[0].family"); no_node: the root.
std::string fhir_path(const Tree& tree, const FhirSchema& schema, NodeId node, NodeId from = no_node);

// The member of the parent's type that this node stands for. It is `element` itself but for nodes that hold a whole resource,
// whose `element` is the resource's type. untyped for a root.
ElementId member_of(const Tree& tree, const FhirSchema& schema, NodeId node);

// The resource that a node belongs to: the node itself, or the nearest one above that holds a resource; no_node if there is none.
NodeId resource_of(const Tree& tree, const FhirSchema& schema, NodeId node);

// Do two subtrees hold the same: types, values, order? Lineage and the names of the two nodes themselves do not count.
bool equal(const Tree& tree, NodeId a, NodeId b);

}  // namespace tombolo
