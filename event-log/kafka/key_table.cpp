#include "event-log/kafka/key_table.hpp"

#include <algorithm>

#include "event-log/kafka/cluster.hpp"

namespace boxoffice::event_log::kafka {
namespace {

std::size_t hash(std::string_view name) { return std::hash<std::string_view>{}(name); }

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
  const std::lock_guard lock(mutex_);
  if (auto done = catch_up(cluster, lane); !done) return std::unexpected(done.error());
  std::vector<std::int64_t> newest_first;
  const auto [begin, end] = offsets_.equal_range(hash(name));
  for (auto at = begin; at != end; ++at) newest_first.push_back(at->second);
  if (newest_first.empty()) return std::nullopt;
  std::ranges::sort(newest_first, std::greater());

  const Deadline deadline = within(cluster.settings.read_timeout);
  const auto probe = cluster.probes.lend(std::span(&partition, 1));
  if (!probe) return std::unexpected(probe.error());
  for (const std::int64_t offset : newest_first) {
    const auto record = record_at(**probe, lane, offset, deadline);
    if (!record) return std::unexpected(record.error());
    if (!*record || (*record)->key() != name) continue;
    if ((*record)->is_tombstone()) return std::nullopt;
    return std::string((*record)->value());
  }
  return std::nullopt;
}

Result<void> KeyTable::catch_up(Cluster& cluster, Lane lane) {
  const auto timeout = cluster.settings.read_timeout;
  Deadline deadline = within(timeout);
  const auto ends = cluster.ends.settled(std::span(&lane, 1), within(kPatience), deadline);
  if (!ends) return std::unexpected(ends.error());
  if (!following_)
    if (auto done = follow(cluster, lane); !done) return done;
  for (;;) {
    // However many keys there are, a broker that goes on handing them over is given the time.
    if (take_arrived()) deadline = within(timeout);
    if (read_to_ >= ends->offsets[0]) return {};
    if (const auto error = following_->stream->error()) {
      following_.reset();  // the next look-up goes on from here
      return std::unexpected(*error);
    }
    if (!following_->bell.wait(deadline))
      return unavailable("the partition's keys were not read in time");
  }
}

Result<void> KeyTable::follow(Cluster& cluster, Lane lane) {
  auto following = std::make_unique<Following>();
  auto reader = cluster.key_readers.lend(std::span(&lane.partition, 1));
  if (!reader) return std::unexpected(reader.error());
  following->reader = std::move(*reader);
  auto stream = Stream::open(*following->reader, lane, read_to_, following->bell);
  if (!stream) return std::unexpected(stream.error());
  following->stream.emplace(std::move(*stream));
  following_ = std::move(following);
  return {};
}

bool KeyTable::take_arrived() {
  const std::int64_t before = read_to_;
  while (following_->stream->head() != nullptr) {
    const Record record = following_->stream->take();
    offsets_.emplace(hash(record.key()), record.offset());
  }
  read_to_ = following_->stream->reached();
  return read_to_ > before;
}

}  // namespace boxoffice::event_log::kafka
