#pragma once

#include <filesystem>

#include "event-log/log.hpp"

namespace boxoffice::event_log {

/// Makes the directory `to`, from which `open_embedded_for_reading` reads what `from` holds now,
/// while a process goes on appending to `from`. It takes no space: segments are only appended to,
/// so hard links of them do (hence both must be on one file system). What is appended later to the
/// last segment is seen there as well, until it is opened; an erased key is erased there, too.
/// Whoever opens it in the very moment of an append may find its end damaged, and makes another.
/// Delete it like any directory.
[[nodiscard]] Result<void> make_checkpoint(const std::filesystem::path& from,
                                           const std::filesystem::path& to);

}  // namespace boxoffice::event_log
