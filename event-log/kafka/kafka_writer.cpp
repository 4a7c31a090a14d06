#include "event-log/kafka/kafka_writer.hpp"

#include <algorithm>
#include <future>

#include "event-log/batch_rules.hpp"
#include "event-log/kafka/event_at.hpp"
#include "event-log/require.hpp"

namespace boxoffice::event_log::kafka {
namespace {

/// The partition that a batch concerns; nullopt if it is empty.
std::optional<Partition> partition_of(const Batch& batch) {
  if (!batch.events.empty()) return batch.events.front().envelope.position.partition;
  if (!batch.keys.empty()) return batch.keys.front().partition;
  if (!batch.replies.empty()) return batch.replies.front().partition;
  return std::nullopt;
}

bool concerns_only(const Batch& batch, Partition partition) {
  const auto is_it = [&](Partition other) { return other == partition; };
  return std::ranges::all_of(
             batch.events, is_it,
             [](const CommittedEvent& event) { return event.envelope.position.partition; }) &&
         std::ranges::all_of(batch.keys, is_it, &KeyRecord::partition) &&
         std::ranges::all_of(batch.replies, is_it, &ReplyRecord::partition);
}

/// Ends what an append left in doubt: everything that will ever be committed of it is, now that it
/// was fenced. Its followers are told if it was.
Result<void> settle(Cluster& cluster, Partition partition) {
  KnownPartition& known = cluster.known(partition);
  std::shared_ptr<const Batch> batch;
  {
    const std::lock_guard lock(known.mutex);
    batch = known.in_doubt;
  }
  if (!batch || batch->events.empty()) return {};
  const CommittedEvent& first = batch->events.front();
  const auto bytes = event_at(cluster, first.envelope.position);
  if (!bytes) return std::unexpected(bytes.error());
  {
    const std::lock_guard lock(known.mutex);
    known.in_doubt.reset();
  }
  if (*bytes == first.value) cluster.notify(batch);
  return {};
}

}  // namespace

Result<Turns> Turns::fence(const KafkaSettings& settings, Partition partition, Deadline deadline) {
  const std::string id = settings.prefix + "boxoffice-" + std::to_string(partition.value);
  Turns turns;
  for (const auto& [number, suffix] : {std::pair{0, "-a"}, std::pair{1, "-b"}}) {
    auto producer = Transactions::fence(settings, id + suffix, deadline);
    if (!producer) return std::unexpected(producer.error());
    turns.producers_[static_cast<std::size_t>(number)] = std::move(*producer);
  }
  return turns;
}

Result<std::unique_ptr<KafkaWriter>> KafkaWriter::take_over(Cluster& cluster,
                                                            std::span<const Partition> partitions) {
  const Deadline deadline = within(cluster.settings.take_over_timeout);
  // Aborting what another left open takes a second, so partitions do not wait for each other.
  std::vector<std::future<Result<Turns>>> fences;
  for (const Partition partition : partitions)
    fences.push_back(std::async(std::launch::async, [&cluster, partition, deadline] {
      return Turns::fence(cluster.settings, partition, deadline);
    }));
  std::unique_ptr<KafkaWriter> writer(new KafkaWriter(cluster));
  writer->partitions_.assign(partitions.begin(), partitions.end());
  std::optional<LogError> error;
  for (std::size_t i = 0; i < fences.size(); ++i) {
    auto turns = fences[i].get();
    if (!turns)
      error = turns.error();
    else
      writer->owned_.push_back({partitions[i], std::move(*turns)});
  }
  if (error) return std::unexpected(*error);

  // After the fence: whatever the owners before have committed lies before these ends.
  const auto ends = cluster.find_ends(partitions, deadline);
  if (!ends) return std::unexpected(ends.error());
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    if ((*ends)[i].is_pending)
      return unavailable("another program has a transaction open on the topics of partition " +
                         std::to_string(partitions[i].value));
    writer->owned_[i].tail = (*ends)[i].offsets;
    if (auto done = settle(cluster, partitions[i]); !done) return std::unexpected(done.error());
  }
  for (std::uint16_t i = 0; i < cluster.settings.partitions; ++i)
    writer->ends_.push_back(cluster.end({i}));
  return writer;
}

Result<void> KafkaWriter::append(std::shared_ptr<const Batch> batch) {
  if (!lost_.empty())
    return std::unexpected(LogError{LogErrorKind::fenced, "kafka: " + lost_ + "; take over again"});
  const std::vector<Sequence> after = ends_after(*batch, ends_, partitions_);
  const auto partition = partition_of(*batch);
  if (!partition) return {};
  require(concerns_only(*batch, *partition), "a batch concerns one partition");
  Owned& owned = *std::ranges::find(owned_, *partition, &Owned::partition);
  std::vector<std::int64_t> offsets;
  const Outcome outcome = owned.turns.next().commit(*batch, *partition, offsets);
  if (outcome.fate != Fate::committed) return failed(owned, batch, outcome);
  ends_ = after;
  owned.turns.done();
  committed(owned, *batch, offsets);
  cluster_.notify(batch);
  return {};
}

void KafkaWriter::committed(Owned& owned, const Batch& batch,
                            std::span<const std::int64_t> offsets) {
  std::vector<Places::Place> places;
  places.reserve(offsets.size());
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    const auto lane = static_cast<std::uint32_t>(batch.events[i].topic);
    places.push_back({batch.events[i].envelope.position, lane, offsets[i]});
    owned.tail[lane] = offsets[i] + 1;
  }
  cluster_.places.remember(places);
  const Sequence end = ends_[owned.partition.value];
  KnownPartition& known = cluster_.known(owned.partition);
  known.marks.remember(end.next(), owned.tail);
  known.raise_end(end);
}

Result<void> KafkaWriter::failed(Owned& owned, const std::shared_ptr<const Batch>& batch,
                                 const Outcome& outcome) {
  const std::string what = "an append to partition " + std::to_string(owned.partition.value);
  switch (outcome.fate) {
    case Fate::committed:
      break;
    case Fate::lost:
      lost_ = what + " failed (" + outcome.why + ")";
      return unavailable(lost_ + "; take over again");
    case Fate::fenced:
      lost_ = "another writer has taken over partition " + std::to_string(owned.partition.value) +
              " (" + outcome.why + ")";
      return std::unexpected(LogError{LogErrorKind::fenced, "kafka: " + lost_});
    case Fate::in_doubt:
      lost_ = what + " has an open outcome (" + outcome.why + ")";
      KnownPartition& known = cluster_.known(owned.partition);
      const std::lock_guard lock(known.mutex);
      known.in_doubt = batch;
      return unavailable(lost_ + "; take over again");
  }
  broken("an outcome has a fate", std::source_location::current());
}

}  // namespace boxoffice::event_log::kafka
