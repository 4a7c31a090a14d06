#include "event-log/kafka/key_table.hpp"

#include "event-log/kafka/cluster.hpp"

namespace boxoffice::event_log::kafka {
namespace {

/// What is noted on disk at a time at most.
constexpr std::size_t kPlacesAtOnce = 1 << 16;

/// The record at that offset; nullopt where compaction took it.
Result<std::optional<Record>> record_at(Reader& reader, Lane lane, std::int64_t offset,
                                        Deadline deadline) {
  Bell bell;
  auto stream = Stream::open(reader, lane, offset, bell);
  if (!stream) return std::unexpected(stream.error());
  for (;;) {
    if (stream->head() != nullptr) {
      if (stream->head()->offset() != offset) return std::nullopt;
      return stream->take();
    }
    if (stream->reached() > offset) return std::nullopt;
    if (stream->error()) return std::unexpected(*stream->error());
    if (!bell.wait(deadline)) return unavailable("no broker hands over a key in time");
  }
}

}  // namespace

Result<std::optional<std::string>> KeyTable::find(Cluster& cluster, Partition partition,
                                                  std::string_view name) {
  const Lane lane{kKeysLane, partition};
  // One for all that is asked on the way.
  Deadline deadline = within(cluster.settings.read_timeout);
  const std::lock_guard lock(mutex_);
  if (failed_ && failed_->at > deadline - cluster.settings.read_timeout)
    return std::unexpected(failed_->why);  // while this one waited for its turn
  auto found = look_up(cluster, lane, name, deadline);
  failed_.reset();
  if (!found) failed_ = {Clock::now(), found.error()};
  return found;
}

Result<std::optional<std::string>> KeyTable::look_up(Cluster& cluster, Lane lane,
                                                     std::string_view name, Deadline deadline) {
  const Partition partition = lane.partition;
  const auto places = cluster.key_places(deadline);
  if (!places) return std::unexpected(places.error());
  if (auto done = catch_up(cluster, **places, lane, deadline); !done)
    return std::unexpected(done.error());
  const auto newest_first = (*places)->find(partition, KeyPlaces::hash(name));
  if (!newest_first) return std::unexpected(newest_first.error());
  if (newest_first->empty()) return std::nullopt;

  const auto probe = cluster.probes.lend(std::span(&partition, 1), deadline);
  if (!probe) return std::unexpected(probe.error());
  // The newest record of the name counts. Older ones may be gone by compaction, and there may be
  // those of other names.
  for (const std::int64_t offset : *newest_first) {
    const auto record = record_at(**probe, lane, offset, deadline);
    if (!record) return std::unexpected(record.error());
    if (!*record || (*record)->key() != name) continue;
    if ((*record)->is_tombstone()) return std::nullopt;
    return std::string((*record)->value());
  }
  return std::nullopt;
}

Result<void> KeyTable::catch_up(Cluster& cluster, KeyPlaces& places, Lane lane,
                                Deadline& deadline) {
  const auto ends = cluster.ends.settled(std::span(&lane, 1), within(kPatience), deadline);
  if (!ends) return std::unexpected(ends.error());
  if (auto done = resume(places, lane, ends->offsets[0]); !done) return done;
  if (!following_)
    if (auto done = follow(cluster, lane, deadline); !done) return done;
  for (;;) {
    const auto has_come = take_arrived(places, lane);
    if (!has_come) {
      following_.reset();  // it has taken what was not noted
      return std::unexpected(has_come.error());
    }
    if (*read_to_ >= ends->offsets[0]) return {};
    // However many keys there are, a broker that goes on handing them over is given the time.
    if (*has_come) {
      deadline = within(cluster.settings.read_timeout);
      continue;
    }
    if (const auto error = following_->stream->error()) {
      following_.reset();  // the next look-up goes on from here
      return std::unexpected(*error);
    }
    if (!following_->bell.wait(deadline))
      return unavailable("the partition's keys were not read in time");
  }
}

Result<void> KeyTable::resume(KeyPlaces& places, Lane lane, std::int64_t end) {
  if (read_to_) return {};
  const auto known_to = places.known_to(lane.partition);
  if (!known_to) return std::unexpected(known_to.error());
  // The topic was made anew under its name: these are places in what there was before.
  const bool is_of_another = *known_to > end;
  if (is_of_another)
    if (auto done = places.forget(lane.partition); !done) return done;
  read_to_ = is_of_another ? 0 : *known_to;
  return {};
}

Result<void> KeyTable::follow(Cluster& cluster, Lane lane, Deadline deadline) {
  auto following = std::make_unique<Following>();
  auto reader = cluster.key_readers.lend(std::span(&lane.partition, 1), deadline);
  if (!reader) return std::unexpected(reader.error());
  following->reader = std::move(*reader);
  auto stream = Stream::open(*following->reader, lane, *read_to_, following->bell);
  if (!stream) return std::unexpected(stream.error());
  following->stream.emplace(std::move(*stream));
  following_ = std::move(following);
  return {};
}

Result<bool> KeyTable::take_arrived(KeyPlaces& places, Lane lane) {
  Stream& stream = *following_->stream;
  const std::int64_t before = *read_to_;
  std::vector<KeyPlaces::Place> arrived;
  while (stream.head() != nullptr && arrived.size() < kPlacesAtOnce) {
    const Record record = stream.take();
    arrived.push_back({KeyPlaces::hash(record.key()), record.offset()});
  }
  const std::int64_t reached = stream.next_offset();
  if (!arrived.empty())
    if (auto done = places.add(lane.partition, arrived, reached); !done)
      return std::unexpected(done.error());
  read_to_ = reached;
  return reached > before;
}

}  // namespace boxoffice::event_log::kafka
