#include "projections/runner/catch_up.hpp"

#include <fmt/format.h>

namespace boxoffice::projections {
namespace {

constexpr std::size_t kReadBytes = 1u << 20;

StoreError error_of(const event_log::LogError& error) {
  const bool corrupt = error.kind == event_log::LogErrorKind::corrupt;
  return {corrupt ? StoreErrorKind::corrupt : StoreErrorKind::unavailable,
          "reading the log: " + error.message};
}

}  // namespace

StoreResult<void> CatchUp::read(const event_log::StoredEvent& stored) {
  auto parsed = reader_.event(stored.value, envelope_, event_);
  if (!parsed)
    return std::unexpected(StoreError{
        StoreErrorKind::corrupt,
        fmt::format("the event {} cannot be read: {} {}", schema::to_text(stored.position),
                    parsed.error().pointer, parsed.error().detail)});
  if (envelope_.position != stored.position)
    return std::unexpected(StoreError{
        StoreErrorKind::corrupt,
        fmt::format("the event at {} says that it is {}", schema::to_text(stored.position),
                    schema::to_text(envelope_.position))});
  return {};
}

StoreResult<bool> CatchUp::run(schema::Partition partition, schema::Sequence until, Fold& fold,
                               const Commit& commit) {
  if (fold.folded(partition) >= until) return true;
  const auto cursor = log_->read_after({partition, fold.folded(partition)});
  while (fold.folded(partition) < until) {
    auto events = cursor->read(kReadBytes);
    if (!events) return std::unexpected(error_of(events.error()));
    if (events->empty()) return true;  // not all that was promised is readable yet
    for (const event_log::StoredEvent& stored : *events) {
      if (stored.position.sequence > until) break;
      if (stored.position.sequence != fold.folded(partition).next())
        return std::unexpected(StoreError{
            StoreErrorKind::corrupt,
            fmt::format("the log goes on with {} after {}", schema::to_text(stored.position),
                        schema::to_text({partition, fold.folded(partition)}))});
      if (auto done = read(stored); !done) return std::unexpected(std::move(done.error()));
      fold.add(logged(envelope_, event_));
      if (fold.pending() < chunk_events_max_) continue;
      auto goes_on = commit(envelope_.time);
      if (!goes_on || !*goes_on) return goes_on;
    }
  }
  return true;
}

}  // namespace boxoffice::projections
