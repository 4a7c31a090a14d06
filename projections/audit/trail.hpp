#pragma once

#include <functional>

#include "projections/audit/audit.hpp"
#include "projections/queries.hpp"

namespace boxoffice::projections {

/// What one page may look at (rows, events) before it ends, whatever it found: a page is never long
/// work, the next one goes on.
inline constexpr std::size_t kTrailStepsMax = 4096;

/// How far events may be shown.
using Applied = std::function<Sequence(Partition)>;

/// One page of the audit trail.
///
/// The rows of each value that the filter names stand in the order of positions, so the events that
/// have all of them are found by letting the rows' iterators overtake each other; each event found
/// is read from the log and checked. `from` and `to` become a range of sequences in each partition,
/// by binary search: time never goes back within one.
///
/// Where several partitions are gone through, what is appended meanwhile to one that was passed is
/// not on later pages.
QueryResult<Page<AuditItem>> trail_page(event_log::Log& log, const Table& table,
                                        const Applied& applied, const AuditFilter& filter,
                                        std::string_view after, std::size_t limit,
                                        std::size_t steps_max = kTrailStepsMax);

}  // namespace boxoffice::projections
