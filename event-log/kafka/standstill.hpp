#pragma once

#include <chrono>
#include <mutex>
#include <optional>

namespace boxoffice::event_log::kafka {

/// For how long a lane has handed nothing over though it has more: a broker that has just fallen
/// silent is no error that anybody would hear of. Its reader tells how far it has come, and whoever
/// knows it where the lane ends. Thread-safe.
///
///   end seen      4  4  4  9  9  9
///   reader next   0  4  4  4  4  5
///   lasts         .  .  .  0  1  .     a second each
class Standstill {
 public:
  using Clock = std::chrono::steady_clock;

  /// The reader begins here.
  void begins_at(std::int64_t next);
  /// The reader asked for more, and has all before `next`.
  void looked(std::int64_t next, Clock::time_point now = Clock::now());
  /// True: there is more than the reader has.
  bool ends_at(std::int64_t end, Clock::time_point now = Clock::now());

  /// Until its reader looked last: one that is busy with what it got does not stand still.
  std::chrono::milliseconds lasts() const;

 private:
  mutable std::mutex mutex_;
  // guarded by mutex_:
  std::int64_t next_ = 0;
  std::int64_t end_ = 0;
  std::optional<Clock::time_point> since_;  ///< nothing has come, and there is more
  Clock::time_point looked_at_{};
};

}  // namespace boxoffice::event_log::kafka
