#pragma once

#include <optional>

#include "event-log/embedded/appender.hpp"
#include "event-log/embedded/erasure.hpp"
#include "event-log/embedded/files.hpp"
#include "event-log/embedded/segments.hpp"

namespace boxoffice::event_log::embedded {

/// What opening found, beside the segments: those still without an index file, and keys whose
/// overwriting a crash may have interrupted.
struct Recovered {
  Tail tail;  ///< `segment` is null in a log without segments
  std::vector<Tail> unsealed;
  std::vector<KeyName> destroyed;
  std::uint64_t last_frame_at = 0;  ///< where the tail's last frame begins
  std::uint64_t torn_end = 0;  ///< above `tail.data_end` where something half written lies between
  std::vector<Position> torn_events;  ///< as in Scan
};

/// Reads the log's directory into `segments`. Changes nothing on disk.
[[nodiscard]] Result<Recovered> recover(Files& files, const std::filesystem::path& log,
                                        OpenMode mode, std::uint16_t partitions,
                                        Segments& segments);

/// Copies what a crash left half written, as far as it is torn, to a file beside its segment, whose
/// path it returns: should it ever be said that more was answered than the log has, those bytes
/// tell. What was kept before stays. Erasure does not reach it. Nullopt where there is nothing, or
/// where it cannot be written: a log on a full disk opens.
[[nodiscard]] std::optional<std::filesystem::path> keep_torn_end(Files& files,
                                                                 const Recovered& recovered);

/// Makes durable what was found, before anybody is told of it: the last frame may have been written
/// by a process that died before its sync, and is written again, because pages of a sync that
/// failed may read well and be on no disk. Writes zeros over what a crash left half written.
[[nodiscard]] Result<void> make_durable(Files& files, const std::filesystem::path& log,
                                        const Recovered& recovered);

}  // namespace boxoffice::event_log::embedded
