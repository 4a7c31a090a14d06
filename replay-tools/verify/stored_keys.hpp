#pragma once

#include "event-log/log.hpp"
#include "replay-tools/verify/report.hpp"

namespace boxoffice::replay {

/// Holds the wrapped keys that the log has against what was written, and adds a violation for each
/// that is damaged, at the first event that names it.
[[nodiscard]] event_log::Result<void> judge_stored_keys(event_log::Log& log, Report& report);

}  // namespace boxoffice::replay
