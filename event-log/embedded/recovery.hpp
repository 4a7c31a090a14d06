#pragma once

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
  std::uint64_t torn_end = 0;  ///< above `tail.data_end` where something half written lies between
};

/// Reads the log's directory into `segments`. Changes nothing on disk.
[[nodiscard]] Result<Recovered> recover(Files& files, const std::filesystem::path& log,
                                        OpenMode mode, std::uint16_t partitions,
                                        Segments& segments);

/// Cuts off what a crash left half written: writes zeros over it.
[[nodiscard]] Result<void> cut_off(const Recovered& recovered);

}  // namespace boxoffice::event_log::embedded
