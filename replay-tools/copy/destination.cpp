#include "replay-tools/copy/destination.hpp"

#include <algorithm>
#include <utility>

namespace boxoffice::replay {
namespace {

using event_log::Batch;
using event_log::CommittedEvent;
using event_log::KeyRecord;
using event_log::Result;
using schema::Partition;

/// Of one append.
constexpr std::size_t kBytesAtOnce = std::size_t{4} << 20;
/// Of all partitions, while they wait.
constexpr std::size_t kBytesWaiting = std::size_t{64} << 20;
/// Of a key, beside its name and value.
constexpr std::size_t kKeyBytes = sizeof(KeyRecord);

}  // namespace

Result<void> Destination::own(Partition partition) {
  if (writer_ && owned_ == partition) return {};
  writer_.reset();
  auto writer = log_.take_over(std::span(&partition, 1));
  if (!writer) return std::unexpected(writer.error());
  writer_ = std::move(*writer);
  owned_ = partition;
  return {};
}

Result<void> Destination::put(CommittedEvent event) {
  const Partition partition = event.envelope.position.partition;
  room_for(partition, event.value.size()).events.push_back(std::move(event));
  return flush_what_is_enough(partition);
}

Result<void> Destination::put(KeyRecord key) {
  const Partition partition = key.partition;
  const std::size_t bytes = key.name.size() + key.value.size() + kKeyBytes;
  room_for(partition, bytes).keys.push_back(std::move(key));
  return flush_what_is_enough(partition);
}

Result<void> Destination::flush() {
  while (!waiting_.empty())
    if (auto done = flush(waiting_.begin()->first); !done) return done;
  return {};
}

Batch& Destination::room_for(Partition partition, std::size_t bytes) {
  Waiting& waiting = waiting_[partition];
  if (waiting.pieces.empty() || waiting.pieces.back().bytes + bytes > kBytesAtOnce)
    waiting.pieces.emplace_back();
  waiting.pieces.back().bytes += bytes;
  waiting.bytes += bytes;
  bytes_ += bytes;
  return *waiting.pieces.back().batch;
}

Result<void> Destination::flush_what_is_enough(Partition grown) {
  Waiting& waiting = waiting_[grown];
  if (writer_ && owned_ == grown && waiting.pieces.size() > 1) return append_first(waiting);
  if (bytes_ < kBytesWaiting) return {};
  const auto fullest =
      std::ranges::max_element(waiting_, {}, [](const auto& one) { return one.second.bytes; });
  return flush(fullest->first);
}

Result<void> Destination::flush(Partition partition) {
  if (auto owned = own(partition); !owned) return owned;
  Waiting& waiting = waiting_[partition];
  while (!waiting.pieces.empty())
    if (auto done = append_first(waiting); !done) return done;
  waiting_.erase(partition);
  return {};
}

Result<void> Destination::append_first(Waiting& waiting) {
  const Piece first = std::move(waiting.pieces.front());
  waiting.pieces.pop_front();
  waiting.bytes -= first.bytes;
  bytes_ -= first.bytes;
  return writer_->append(first.batch);
}

}  // namespace boxoffice::replay
