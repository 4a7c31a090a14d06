#include "projections/audit/trail.hpp"

#include <algorithm>

#include "projections/audit/events_by_position.hpp"
#include "projections/audit/intersection.hpp"
#include "projections/audit/trail_cursor.hpp"

namespace boxoffice::projections {
namespace {

/// The sequences of a partition that may be shown: from `first` up to, without, `end`.
struct Range {
  Partition partition;
  Sequence first{1};
  Sequence end{1};
};

class Search {
 public:
  Search(event_log::Log& log, const Table& table, const Applied& applied, const AuditFilter& filter,
         std::size_t steps)
      : table_(table),
        partitions_(log.partitions()),
        applied_(applied),
        filter_(filter),
        events_(log),
        steps_(steps) {
    std::vector<std::string> prefixes = Audit::prefixes_of(filter);
    if (!prefixes.empty()) indexed_.emplace(table, std::move(prefixes));
  }

  QueryResult<Page<AuditItem>> page(Position from, std::size_t limit) {
    Page<AuditItem> page;
    const auto goes_on_at = [&](Position at) {
      page.next = trail_cursor(filter_, at);
      return std::move(page);
    };
    for (;;) {
      const Intersection::Found found = candidate(from);
      if (found.what == Intersection::Found::end) return page;
      if (found.what == Intersection::Found::out_of_steps) return goes_on_at(found.at);
      if (found.what == Intersection::Found::unreadable)
        return std::unexpected(QueryError::unavailable);

      const auto [partition, sequence] = found.at;
      const auto range = range_of(partition);
      if (!range) return std::unexpected(range.error());
      if (sequence < range->first) {
        from = {partition, range->first};
        continue;
      }
      if (sequence >= range->end) {
        from = after_partition(partition);
        continue;
      }
      const auto read = indexed_ ? events_.at(found.at) : events_.next_at(found.at);
      if (!read) return std::unexpected(read.error());
      const auto matching = matches(*read);
      if (!matching) return std::unexpected(matching.error());
      if (*matching) {
        if (page.items.size() == limit) return goes_on_at(found.at);
        page.items.push_back({found.at, std::string(read->value)});
      }
      from = {partition, sequence.next()};
    }
  }

 private:
  QueryResult<bool> matches(const EventsByPosition::Read& read) const {
    Concern concern = concern_of(read.envelope, read.event);
    if ((filter_.person || filter_.ticket) && claim_refused_unnamed(read.event) != nullptr) {
      const auto holder = EndedClaims::holder_refused(table_, read.envelope.position);
      if (!holder) return std::unexpected(QueryError::unavailable);
      if (*holder) {
        concern.person = (*holder)->person;
        concern.ticket = (*holder)->ticket;
      }
    }
    return projections::matches(filter_, read.envelope, read.event, concern);
  }

  static Position after_partition(Partition partition) {
    return {{static_cast<std::uint16_t>(partition.value + 1)}, {1}};
  }

  Intersection::Found candidate(Position from) {
    using Found = Intersection::Found;
    while (from.partition.value < partitions_) {
      if (indexed_) return indexed_->first_at_or_after(from, steps_);
      if (steps_ == 0) return {Found::out_of_steps, from};
      --steps_;
      if (from.sequence <= applied_(from.partition)) return {Found::position, from};
      from = after_partition(from.partition);
    }
    return {Found::end, from};
  }

  /// Found once for each partition, when the search comes to it.
  QueryResult<Range> range_of(Partition partition) {
    if (range_ && range_->partition == partition) return *range_;
    const Sequence last = applied_(partition);
    Range range{partition, {1}, last.next()};
    if (filter_.from) {
      const auto first = events_.first_since(partition, last, *filter_.from, steps_);
      if (!first) return std::unexpected(first.error());
      range.first = *first;
    }
    if (filter_.to) {
      const auto end = events_.first_since(partition, last, *filter_.to, steps_);
      if (!end) return std::unexpected(end.error());
      range.end = *end;
    }
    range_ = range;
    return range;
  }

  const Table& table_;
  const std::uint16_t partitions_;
  const Applied& applied_;
  const AuditFilter& filter_;
  EventsByPosition events_;
  std::size_t steps_;
  std::optional<Intersection> indexed_;
  std::optional<Range> range_;
};

}  // namespace

QueryResult<Page<AuditItem>> trail_page(event_log::Log& log, const Table& table,
                                        const Applied& applied, const AuditFilter& filter,
                                        std::string_view after, std::size_t limit,
                                        std::size_t steps_max) {
  const auto from = trail_place(filter, after, log.partitions());
  if (!from) return std::unexpected(QueryError::bad_cursor);
  return Search(log, table, applied, filter, steps_max)
      .page(*from, std::max<std::size_t>(limit, 1));
}

}  // namespace boxoffice::projections
