#pragma once

#include <expected>

#include "projections/queries.hpp"

namespace boxoffice::app {

/// Whether there is a key that may all: of the role admin, and not for one occasion alone.
std::expected<bool, projections::QueryError> has_administrator(const projections::Queries& queries);

}  // namespace boxoffice::app
