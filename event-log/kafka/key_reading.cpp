#include "event-log/kafka/key_reading.hpp"

namespace boxoffice::event_log::kafka {
namespace {

/// Hands over what lies before `end`. False: no more is wanted.
Result<bool> read_lane(Cluster& cluster, Lane lane, std::int64_t end, const KeyVisitor& visit) {
  const auto reader = cluster.key_readers.lend(std::span(&lane.partition, 1));
  if (!reader) return std::unexpected(reader.error());
  Bell bell;
  auto stream = Stream::open(**reader, lane, 0, bell);
  if (!stream) return std::unexpected(stream.error());
  Deadline deadline = within(cluster.settings.read_timeout);
  while (stream->next_offset() < end) {
    if (stream->head() != nullptr) {
      const Record record = stream->take();
      if (!visit({lane.partition, std::string(record.key()), std::string(record.value())}))
        return false;
      continue;
    }
    if (stream->error()) return std::unexpected(*stream->error());
    // However many keys there are, a broker that goes on handing them over is given the time.
    if (!bell.wait(deadline))
      return unavailable("the keys of partition " + std::to_string(lane.partition.value) +
                         " were not read in time");
    deadline = within(cluster.settings.read_timeout);
  }
  return true;
}

}  // namespace

Result<void> read_keys(Cluster& cluster, const KeyVisitor& visit) {
  std::vector<Lane> lanes;
  for (std::uint16_t i = 0; i < cluster.settings.partitions; ++i) lanes.push_back({kKeysLane, {i}});
  const auto ends =
      cluster.ends.settled(lanes, within(kPatience), within(cluster.settings.read_timeout));
  if (!ends) return std::unexpected(ends.error());
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    const auto more = read_lane(cluster, lanes[i], ends->offsets[i], visit);
    if (!more) return std::unexpected(more.error());
    if (!*more) break;
  }
  return {};
}

}  // namespace boxoffice::event_log::kafka
