#pragma once

#include "event-log/embedded/embedded_log.hpp"
#include "event-log/embedded/files.hpp"

namespace boxoffice::event_log::embedded {

/// As the public functions, on a file system of one's own. `files` must outlive the log.
[[nodiscard]] Result<std::unique_ptr<Log>> open(const EmbeddedSettings& settings, Files& files);
[[nodiscard]] Result<std::unique_ptr<Log>> open_for_reading(const std::filesystem::path& directory,
                                                            Files& files,
                                                            const OnTornEnd& on_torn_end = {});

}  // namespace boxoffice::event_log::embedded
