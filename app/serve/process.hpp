#pragma once

#include <chrono>
#include <csignal>

#include "app/settings/settings.hpp"

/// What every process that serves has: an end, and a log.
namespace boxoffice::app {

/// SIGTERM and SIGINT, blocked in every thread from now on and waited for by one. To be made before
/// any other thread.
class StopSignals {
 public:
  StopSignals();
  /// False after `patience`.
  bool wait(std::chrono::milliseconds patience) const;

 private:
  sigset_t signals_;
};

/// As JSON to stderr: first the settings in force, then what is odd about them.
void begin_logging(const Settings& settings);

/// Ended because the log has another service now: no supervisor should start it again.
inline constexpr int kTakenOver = 3;

}  // namespace boxoffice::app
