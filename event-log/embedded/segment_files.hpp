#pragma once

#include <future>
#include <optional>

#include "event-log/embedded/background.hpp"
#include "event-log/embedded/erasure.hpp"
#include "event-log/embedded/files.hpp"
#include "event-log/embedded/segments.hpp"

namespace boxoffice::event_log::embedded {

/// Makes new segments ahead of their use, filled with zeros so that a sync writes data alone
/// (appending to a file, or into space that is merely reserved, makes each sync write the file's
/// metadata too: 1.5 times the latency); and seals those that are complete. Used by the appender's
/// thread.
class SegmentFiles {
 public:
  SegmentFiles(Files& files, std::filesystem::path log, std::size_t segment_bytes);

  /// Begins to make the next segment, if that has not begun yet.
  void prepare(std::uint64_t number);

  /// A new, empty segment that begins with that frame: durable, and known to every later opening of
  /// the log. Waits for one that is being prepared. It has room for `bytes` at least.
  [[nodiscard]] Result<std::shared_ptr<const Segment>> begin(std::uint64_t number,
                                                             std::uint64_t first_frame,
                                                             std::uint64_t bytes);

  /// A `begin` failed when the new segment's name may already have been on the disk. Nothing may be
  /// appended to the segment before it any more: the next `begin`, which must be for the same
  /// number and frame, completes it.
  [[nodiscard]] bool has_begun() const { return begun_ != nullptr; }

  /// Writes the index beside a segment that is no longer written. Nothing depends on it but the
  /// time to open the log; so errors are left to the next opening. So are segments with tombstones
  /// whose keys are not yet overwritten.
  void seal(Segments& segments, const Erasure& erasure, std::shared_ptr<const Segment> segment,
            std::uint64_t data_end, std::uint64_t next_frame);

 private:
  using Prepared = Result<std::unique_ptr<File>>;

  std::uint64_t capacity_of(std::uint64_t number) const;
  Result<std::shared_ptr<const Segment>> made(std::uint64_t number, std::uint64_t first_frame,
                                              std::uint64_t bytes);
  Result<void> publish_begun();

  Files& files_;
  const std::filesystem::path log_;
  const std::size_t segment_bytes_;
  std::future<Prepared> prepared_;
  std::uint64_t prepared_capacity_ = 0;
  std::shared_ptr<const Segment> begun_;
  Background background_;  // last: its tasks use all of the above
};

}  // namespace boxoffice::event_log::embedded
