#pragma once

#include <span>
#include <string>
#include <string_view>

#include "gateway/routes/route.hpp"

namespace boxoffice::gateway {

/// The OpenAPI 3.1 document of these routes: made from the table that is served, so that neither
/// can have what the other lacks.
std::string openapi_document(std::span<const Route> routes);

/// The AsyncAPI 3.0 document of the event topics, made at build time from the schemas of events
/// (events-schema/documents).
std::string_view asyncapi_document();

struct ComponentSchema {
  std::string_view name;
  std::string_view text;  ///< JSON
};

/// All that the document's `components.schemas` may have: made at build time from the schemas of
/// events, bodies and answers. Written are those that an operation refers to, itself or by others.
std::span<const ComponentSchema> component_schemas();

}  // namespace boxoffice::gateway
