#pragma once

#include <filesystem>

#include "event-log/log.hpp"

/// The embedded log: one process, one directory, no broker. `format.hpp` describes the files,
/// `directory.hpp` what lies around them.
///
/// One batch costs one write and one sync, whatever the number of partitions. A full disk or an I/O
/// error makes appends `unavailable` until the disk works again, without a restart. A failed batch
/// is made void on the disk before its error is reported; only where the disk refuses that too, and
/// the process ends before it heals, may the next opening find the batch whole.
namespace boxoffice::event_log {

struct EmbeddedSettings {
  std::filesystem::path directory;  ///< made if missing (mode 0700)
  std::uint16_t partitions = 16;    ///< for a new log; an existing one keeps its number
  /// 4 KB to 2 GB. The first segment has 1 MB, each next one twice as much, up to this.
  std::size_t segment_bytes = 256u << 20;
};

/// Opens or makes the log in `directory` and locks it until destroyed; `in_use` names the process
/// that holds it. What a crash left half written at the end is cut off; a damaged record anywhere
/// else is `corrupt`.
[[nodiscard]] Result<std::unique_ptr<Log>> open_embedded(const EmbeddedSettings& settings);

/// For tools: reads a directory that no process holds, changes nothing (also not a torn end), takes
/// no writer.
[[nodiscard]] Result<std::unique_ptr<Log>> open_embedded_for_reading(
    const std::filesystem::path& directory);

}  // namespace boxoffice::event_log
