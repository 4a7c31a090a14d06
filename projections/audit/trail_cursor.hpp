#pragma once

#include <optional>

#include "projections/page_cursor.hpp"
#include "projections/queries.hpp"

/// Where a page of the audit trail goes on. Pure, apart from the search itself.
namespace boxoffice::projections {

/// The list that cursors of this filter belong to.
ListName trail_list(const AuditFilter& filter);

/// The cursor that goes on at `at`, the first position that was not looked at.
std::string trail_cursor(const AuditFilter& filter, Position at);

/// Where a page goes on: at the start for an empty cursor; nullopt for one that is not of this
/// filter, or names no partition of these.
std::optional<Position> trail_place(const AuditFilter& filter, std::string_view cursor,
                                    std::uint16_t partitions);

}  // namespace boxoffice::projections
