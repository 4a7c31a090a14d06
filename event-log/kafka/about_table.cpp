#include "event-log/kafka/about_table.hpp"

#include "event-log/kafka/cluster.hpp"

namespace boxoffice::event_log::kafka {

Result<std::optional<std::string>> AboutTable::find(Cluster& cluster, Partition partition,
                                                    std::string_view name) {
  const std::lock_guard lock(mutex_);
  if (auto done = catch_up(cluster, {kAboutLane, partition}); !done)
    return std::unexpected(done.error());
  const auto found = values_.find(name);
  return found == values_.end() ? std::nullopt : std::optional(found->second);
}

Result<void> AboutTable::catch_up(Cluster& cluster, Lane lane) {
  const Deadline deadline = within(cluster.settings.read_timeout);
  const auto ends = cluster.ends.settled(std::span(&lane, 1), within(kPatience), deadline);
  if (!ends) return std::unexpected(ends.error());
  return read_to(ends->offsets[0], cluster, lane, deadline);
}

/// Mostly nothing is new, and no reader is needed. What was read stays, also where time runs out.
Result<void> AboutTable::read_to(std::int64_t end, Cluster& cluster, Lane lane, Deadline deadline) {
  if (read_to_ >= end) return {};
  const auto probe = cluster.probes.lend(std::span(&lane.partition, 1), deadline);
  if (!probe) return std::unexpected(probe.error());
  Bell bell;
  auto stream = Stream::open(**probe, lane, read_to_, bell);
  if (!stream) return std::unexpected(stream.error());
  for (;;) {
    while (stream->head() != nullptr) {
      const Record record = stream->take();
      if (record.is_tombstone())
        values_.erase(std::string(record.key()));
      else
        values_.insert_or_assign(std::string(record.key()), std::string(record.value()));
    }
    read_to_ = stream->reached();
    if (read_to_ >= end) return {};
    if (stream->error()) return std::unexpected(*stream->error());
    if (!bell.wait(deadline))
      return unavailable("what the log says of itself was not read in time");
  }
}

}  // namespace boxoffice::event_log::kafka
