#pragma once

#include <optional>

#include "event-log/embedded/segments.hpp"

namespace boxoffice::event_log::embedded {

/// What a segment without an index file holds, from its bytes.
struct Scan {
  std::unique_ptr<GrowingIndex> index;
  std::uint64_t data_end = 0;
  std::uint64_t next_frame = 0;
  std::uint64_t last_frame_at = 0;  ///< where the last whole frame begins; `data_end` without one
  std::vector<KeyName> destroyed;   ///< the names in its tombstones
  std::uint64_t torn_end = 0;       ///< above `data_end` where something half written lies between
  std::vector<Position>
      torn_events;  ///< that it would have begun with, the first of each partition
};

/// Reads and checks every frame. `ends`: where the partitions stand before it.
/// `next_segments_first_frame`: nullopt for the last segment, whose end may be torn. `corrupt`,
/// with the file and the offset, where damage lies before the end. Another process may be
/// appending.
[[nodiscard]] Result<Scan> scan(const Segment& segment, std::span<const Sequence> ends,
                                std::optional<std::uint64_t> next_segments_first_frame);

}  // namespace boxoffice::event_log::embedded
