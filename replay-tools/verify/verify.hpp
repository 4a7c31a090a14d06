#pragma once

#include <chrono>

#include "event-log/log.hpp"
#include "replay-tools/verify/report.hpp"

/// The check on everything that decides and stores: reads all of history and holds it against the
/// rules, sharing no code with what made it but the schema's.
namespace boxoffice::replay {

struct VerifySettings {
  /// For how long a command's id must not be decided again: the processor's key window.
  std::chrono::milliseconds key_window = std::chrono::hours(24);
  unsigned threads = 2;
};

/// Reads each partition up to the end it has now. Memory: some 200 bytes a live claim and 32 a
/// command decided within the window, of one partition at a time. On a log of any adapter.
[[nodiscard]] event_log::Result<Report> verify(event_log::Log& log,
                                               const VerifySettings& settings = {});

}  // namespace boxoffice::replay
