#include "event-log/kafka/cluster.hpp"

#include <algorithm>

#include "event-log/kafka/probe.hpp"
#include "event-log/kafka/topic_admin.hpp"

namespace boxoffice::event_log::kafka {
namespace {

/// A single record is wanted; what comes with it is not.
constexpr Budget kProbing{.lane_bytes = 64 << 10,
                          .fetch_bytes = 16 << 10,
                          .records_at_once = 1,
                          .fetch_wait = std::chrono::milliseconds(1)};
/// Of a partition's, those of which much is read. A lane that is full is left out of the next
/// request, which waits as long as a broker waits at the end of the others (`fetch_wait`): a lane
/// must hold what is read meanwhile.
constexpr std::size_t kBusyLanes = 2;
constexpr std::size_t kLaneBytesMin = 64 << 10;
constexpr std::size_t kFetchBytesMax = 1 << 20;

Budget reading(const KafkaSettings& settings) {
  const std::size_t lanes = kBusyLanes * settings.partitions;
  const std::size_t lane_bytes = std::max(kLaneBytesMin, settings.fetch_bytes / lanes);
  return {.lane_bytes = lane_bytes,
          .fetch_bytes = std::min(kFetchBytesMax, lane_bytes / 2),
          .records_at_once = 256,
          .fetch_wait = std::chrono::milliseconds(10)};
}

}  // namespace

void KnownPartition::raise_end(Sequence to) {
  std::uint64_t known = end.load();
  while (known < to.value && !end.compare_exchange_weak(known, to.value)) {
  }
}

Cluster::Cluster(const KafkaSettings& given, std::unique_ptr<Client> observing,
                 std::unique_ptr<Client> reading_committed)
    : settings(given),
      topics(topic_names(given.prefix)),
      observer(std::move(observing)),
      committed(std::move(reading_committed)),
      ends(*observer, *committed),
      readers(settings, reading(settings)),
      key_readers(settings, reading(settings)),
      probes(settings, kProbing) {
  for (std::uint16_t i = 0; i < settings.partitions; ++i)
    known_.push_back(std::make_unique<KnownPartition>());
}

Result<std::unique_ptr<Cluster>> Cluster::connect(const KafkaSettings& settings) {
  auto observer = Client::open(settings, Kind::observer);
  if (!observer) return std::unexpected(observer.error());
  auto committed = Client::open(settings, Kind::reader);
  if (!committed) return std::unexpected(committed.error());
  const Deadline deadline = within(settings.read_timeout);
  for (const auto& client : {observer->get(), committed->get()})
    if (auto known = client->know(topic_names(settings.prefix), deadline); !known)
      return std::unexpected(known.error());
  return std::unique_ptr<Cluster>(
      new Cluster(settings, std::move(*observer), std::move(*committed)));
}

Result<PartitionEnds> Cluster::settled_ends(Partition partition, Deadline patience) const {
  const auto settled =
      ends.settled(event_lanes(partition), patience, within(settings.read_timeout));
  if (!settled) return std::unexpected(settled.error());
  PartitionEnds found{.is_pending = settled->is_pending};
  std::ranges::copy(settled->offsets, found.offsets.begin());
  return found;
}

Result<std::vector<PartitionEnds>> Cluster::find_ends(std::span<const Partition> partitions,
                                                      Deadline patience) {
  std::vector<Lane> lanes;
  for (const Partition partition : partitions)
    for (const Lane lane : event_lanes(partition)) lanes.push_back(lane);
  const Deadline deadline = std::max(patience, within(settings.read_timeout));
  const auto settled = ends.settled(lanes, patience, deadline);
  if (!settled) return std::unexpected(settled.error());
  std::vector<Stretch> stretches;
  for (std::size_t i = 0; i < lanes.size(); ++i)
    stretches.push_back({.lane = lanes[i], .to = settled->offsets[i]});
  const auto probe = probes.lend(partitions);
  if (!probe) return std::unexpected(probe.error());
  const auto last = last_events(**probe, stretches, deadline);
  if (!last) return std::unexpected(last.error());

  std::vector<PartitionEnds> found(partitions.size(), {.is_pending = settled->is_pending});
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    Sequence end;
    for (std::size_t lane = 0; lane < kEventLanes; ++lane) {
      const std::size_t index = i * kEventLanes + lane;
      if ((*last)[index]) end = std::max(end, (*last)[index]->sequence);
      found[i].offsets[lane] = settled->offsets[index];
    }
    // Of a transaction that is being committed, one lane may show its part before another does.
    if (!settled->is_pending) known(partitions[i]).marks.remember(end.next(), found[i].offsets);
    known(partitions[i]).raise_end(end);
  }
  return found;
}

Result<std::optional<std::string>> Cluster::key(Partition partition, std::string_view name) {
  KnownPartition& here = known(partition);
  return is_about_the_log(name) ? here.about.find(*this, partition, name)
                                : here.keys.find(*this, partition, name);
}

Result<KeyPlaces*> Cluster::key_places(Deadline deadline) {
  const std::lock_guard lock(opening_);
  if (key_places_) return key_places_.get();
  if (settings.key_places.empty())
    return misconfigured("wrapped keys are looked up where a directory for their places is given");
  const auto topic = topic_id(*observer, topics[kKeysLane], deadline);
  if (!topic) return std::unexpected(topic.error());
  auto opened = KeyPlaces::open(settings.key_places, *topic);
  if (!opened) return std::unexpected(opened.error());
  key_places_ = std::move(*opened);
  return key_places_.get();
}

void Cluster::notify(const std::shared_ptr<const Batch>& batch) {
  const std::lock_guard lock(notifying_);
  followers.notify(batch);
}

}  // namespace boxoffice::event_log::kafka
