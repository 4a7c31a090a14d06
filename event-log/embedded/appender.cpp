#include "event-log/embedded/appender.hpp"

#include <utility>

namespace boxoffice::event_log::embedded {

Appender::Appender(Segments& segments, SegmentFiles& files, Erasure& erasure, Tail tail)
    : segments_(segments), files_(files), erasure_(erasure), tail_(std::move(tail)) {}

Result<void> Appender::append(const Batch& batch) {
  if (auto done = void_failed_frame(); !done) return done;
  if (!erasure_.is_complete()) (void)erasure_.retry();
  if (auto done = make_room(frame_bytes(batch)); !done) {
    wanted_bytes_ = frame_bytes(batch);
    return done;
  }
  encode_frame(batch, tail_.next_frame, tail_.segment->header.salt, frame_, places_);
  if (auto done = write(frame_); !done) {
    failed_bytes_ = frame_.size();
    (void)void_failed_frame();
    return done;
  }
  segments_.commit(static_cast<std::uint32_t>(tail_.data_end), places_);
  tail_.data_end += frame_.size();
  ++tail_.next_frame;
  destroy_keys(batch);
  if (tail_.data_end > tail_.segment->header.capacity / 2)
    files_.prepare(tail_.segment->header.number + 1);
  return {};
}

Result<void> Appender::mend() {
  if (auto done = void_failed_frame(); !done) return done;
  if (auto done = make_room(wanted_bytes_); !done) return done;
  wanted_bytes_ = 0;
  return {};
}

Result<void> Appender::make_room(std::uint64_t bytes) {
  const bool fits = tail_.data_end + bytes <= tail_.segment->header.capacity;
  if (fits && !files_.has_begun()) return {};
  return roll(bytes);
}

Result<void> Appender::roll(std::uint64_t bytes) {
  auto next = files_.begin(tail_.segment->header.number + 1, tail_.next_frame, bytes);
  if (!next) return std::unexpected(next.error());
  const Tail full = std::exchange(
      tail_, {.segment = *next, .data_end = kSegmentHeaderBytes, .next_frame = tail_.next_frame});
  segments_.add_growing(*next, std::make_unique<GrowingIndex>(segments_.ends()));
  files_.seal(segments_, erasure_, full.segment, full.data_end, full.next_frame);
  return {};
}

Result<void> Appender::write(std::string_view frame) {
  if (auto done = tail_.segment->file->write_at(tail_.data_end, frame); !done) return done;
  return tail_.segment->file->sync();
}

Result<void> Appender::void_failed_frame() {
  if (failed_bytes_ == 0) return {};
  Result<void> done;
  if (!files_.has_begun()) done = write(std::string(failed_bytes_, '\0'));
  if (!done || files_.has_begun()) done = roll(failed_bytes_);
  if (done) failed_bytes_ = 0;
  return done;
}

void Appender::destroy_keys(const Batch& batch) {
  std::vector<KeyName> destroyed;
  for (const KeyRecord& key : batch.keys)
    if (key.value.empty()) destroyed.push_back({key.partition, key.name});
  // The tombstones are durable, so that the keys are gone for every reader; overwriting what an
  // error left is tried again.
  if (!destroyed.empty()) (void)erasure_.destroy(destroyed);
}

}  // namespace boxoffice::event_log::embedded
