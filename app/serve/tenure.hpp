#pragma once

#include <chrono>
#include <condition_variable>
#include <expected>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "event-log/log.hpp"

namespace boxoffice::app {

/// The right of one service to a log that several could append to: who came last has it. It stands
/// on the log itself, as the record `service` (see event-log/about.hpp), so that a service that was
/// stopped and wakes up, or was cut off, finds out that it has a successor before it fences it.
/// Processors that share the partitions have it together, under one name.
///
/// A watch looks every now and then, so that a service without commands finds out, too, and also
/// that the log cannot be reached.
class Tenure {
 public:
  /// Claims the log for `holder`, unless it has it: the service before loses it. `also` are keys of
  /// partition 0 that are written with the claim. Throws std::runtime_error where that fails.
  Tenure(event_log::Log& log, std::string holder, std::vector<event_log::KeyRecord> also = {});
  ~Tenure();
  /// No more looks on its own; destroying it waits for one that is under way.
  void begin_to_stop();

  /// Whether it is still ours. The error says why not, or that nobody can tell. Thread-safe.
  std::expected<void, std::string> holds();

  /// In whose favour it has ended, for good; nullopt: it has not, as far as was seen.
  std::optional<std::string> successor() const;
  /// Why the last look failed; nullopt: it did not.
  std::optional<std::string> trouble() const;

 private:
  using Clock = std::chrono::steady_clock;

  bool has_it() const;
  void claim(std::vector<event_log::KeyRecord> also);
  void look();
  void watch();

  event_log::Log& log_;
  const std::string self_;

  std::mutex looking_;
  Clock::time_point looked_at_{};  // guarded by looking_: see `holds`

  mutable std::mutex mutex_;
  std::optional<std::string> successor_;  // guarded by mutex_
  std::optional<std::string> trouble_;    // guarded by mutex_
  bool stopping_ = false;                 // guarded by mutex_
  std::condition_variable stop_;
  std::thread watch_;
};

/// A holder that is no other: for an operator to find.
std::string this_service();
/// What a tool writes with the mark that others are to find, and so has the log: no service takes
/// anything over from it.
event_log::KeyRecord claim_of(std::string_view holder);
/// Who has the log now; nullopt: nobody has had it yet.
event_log::Result<std::optional<std::string>> holder_of(event_log::Log& log);
/// All processes that decide the partitions which the consumer group gives them.
inline constexpr std::string_view kProcessors = "processors";

}  // namespace boxoffice::app
