#pragma once

#include <span>
#include <string>
#include <string_view>

#include "gateway/routes/route.hpp"

namespace boxoffice::gateway {

/// The OpenAPI 3.1 document of these routes: made from the table that is served, so that neither
/// can have what the other lacks.
std::string openapi_document(std::span<const Route> routes);

/// The document's `components.schemas`: made at build time from the schemas of events, bodies and
/// answers.
std::string_view component_schemas();

}  // namespace boxoffice::gateway
