#pragma once

#include <atomic>
#include <chrono>
#include <csignal>
#include <string_view>
#include <thread>

#include "app/settings/settings.hpp"

/// What every process that serves has: an end, and a log.
namespace boxoffice::app {

/// SIGTERM and SIGINT, blocked in every thread from now on and waited for by one; and SIGHUP, where
/// there is something to read again (else it ends the process, as ever). To be made before any
/// other thread.
class Signals {
 public:
  explicit Signals(bool with_hangup);
  /// Whether the end is asked for; false after `patience`, or a hangup.
  bool wait_for_stop(std::chrono::milliseconds patience);
  /// Whether there was a hangup since this was asked last.
  bool hung_up();

 private:
  sigset_t signals_;
  bool hung_up_ = false;
};

/// While this is there, the end is not waited for but comes at once, with 0: a process that starts
/// may wait for brokers, and whatever it is at may be cut off like by a crash.
class EndAtOnce {
 public:
  explicit EndAtOnce(Signals& signals);
  ~EndAtOnce();
  EndAtOnce(const EndAtOnce&) = delete;
  EndAtOnce& operator=(const EndAtOnce&) = delete;

 private:
  std::atomic<bool> is_over_ = false;
  std::thread waiting_;
};

/// To stderr (journal/journal.hpp): first the settings in force, then what is odd about them.
void begin_logging(const Settings& settings);

/// Logs that clients may come to `url`.
void tell_listening(std::string_view url);

/// Logs that `/readyz` and its like are at `address`.
void tell_status(std::string_view address);

/// Ended because the log has another service now: no supervisor should start it again.
inline constexpr int kTakenOver = 3;

}  // namespace boxoffice::app
