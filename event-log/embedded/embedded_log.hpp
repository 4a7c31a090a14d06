#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

#include "event-log/log.hpp"

/// The embedded log: one process, one directory, no broker. `format.hpp` describes the files,
/// `directory.hpp` what lies around them.
///
/// One batch costs one write and one sync, whatever the number of partitions. A full disk or an I/O
/// error makes appends `unavailable` until the disk works again, without a restart. A failed batch
/// is made void on the disk before its error is reported; only where the disk refuses that too, and
/// the process ends before it heals, may the next opening find the batch whole.
namespace boxoffice::event_log {

/// Bytes at the log's end that are no whole batch: a write that a crash interrupted, of which
/// nobody was told; or the last batch, damaged since. The two cannot be told apart. Opening for
/// writing cuts them off, opening for reading leaves them out.
struct TornEnd {
  std::filesystem::path file;
  std::uint64_t begin = 0;  ///< of the bytes in the file
  std::uint64_t end = 0;
  std::vector<Position> events;  ///< what would have come next, the first of each partition, as far
                                 ///< as it can still be read
  std::optional<std::filesystem::path> kept;  ///< where the bytes are now, if they were cut off
};
/// A sentence for an operator.
std::string to_text(const TornEnd& torn);
using OnTornEnd = std::function<void(const TornEnd&)>;

struct EmbeddedSettings {
  std::filesystem::path directory;  ///< made if missing (mode 0700)
  std::uint16_t partitions = 16;    ///< for a new log; an existing one keeps its number
  /// Of a new log, 12 characters of [a-z0-9]; empty: one of its own.
  std::string deployment{};
  /// 4 KB to 2 GB. The first segment has 1 MB, each next one twice as much, up to this.
  std::size_t segment_bytes = 256u << 20;
  OnTornEnd on_torn_end{};  ///< is called while opening, where there is one
};

/// Opens or makes the log in `directory` and locks it until destroyed; `in_use` names the process
/// that holds it. What a crash left half written at the end is cut off; a damaged record anywhere
/// else is `corrupt`.
[[nodiscard]] Result<std::unique_ptr<Log>> open_embedded(const EmbeddedSettings& settings);

/// Whether a log was made in `directory`.
[[nodiscard]] bool holds_embedded_log(const std::filesystem::path& directory);

/// For tools: reads a directory that no process holds, changes nothing (also not a torn end), takes
/// no writer.
[[nodiscard]] Result<std::unique_ptr<Log>> open_embedded_for_reading(
    const std::filesystem::path& directory, const OnTornEnd& on_torn_end = {});

}  // namespace boxoffice::event_log
