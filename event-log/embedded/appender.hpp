#pragma once

#include "event-log/embedded/erasure.hpp"
#include "event-log/embedded/segment_files.hpp"
#include "event-log/embedded/segments.hpp"

namespace boxoffice::event_log::embedded {

/// Where the log goes on: what opening it found.
struct Tail {
  std::shared_ptr<const Segment> segment;
  std::uint64_t data_end = 0;
  std::uint64_t next_frame = 1;
};

/// Appends frames to the last segment, one sync each. Not thread-safe.
///
/// A frame that failed must never be read by anyone, also not after a crash, although its bytes may
/// well be on the disk: what a failed sync left behind is unknown. So before anything else is
/// appended, and before the failure is reported if that is possible at once, the frame is made
/// void: zeros are written over it and synced; if the disk refuses that too, a new segment is begun
/// whose header claims the frame's number, and whose existence voids it. Until one of both
/// succeeds, appends are `unavailable`; each tries again, so that the log goes on by itself when
/// the disk does.
class Appender {
 public:
  Appender(Segments& segments, SegmentFiles& files, Erasure& erasure, Tail tail);

  /// Durable and visible, or `unavailable` and void. REQUIRES: the batch keeps the rules of
  /// `batch_rules.hpp`.
  [[nodiscard]] Result<void> append(const Batch& batch);

  /// What stood in the way of the last append, tried once more: `unavailable` where it still does.
  [[nodiscard]] Result<void> mend();

 private:
  Result<void> make_room(std::uint64_t bytes);
  Result<void> roll(std::uint64_t bytes);
  Result<void> write(std::string_view frame);
  Result<void> void_failed_frame();
  void destroy_keys(const Batch& batch);

  Segments& segments_;
  SegmentFiles& files_;
  Erasure& erasure_;
  Tail tail_;
  std::uint64_t failed_bytes_ = 0;  // behind `tail_.data_end`, of a frame that is not void yet
  std::uint64_t wanted_bytes_ = 0;  // of a frame that there was no room for

  // Of the frame under way; reused.
  std::string frame_;
  FramePlaces places_;
};

}  // namespace boxoffice::event_log::embedded
