#pragma once

#include <algorithm>
#include <map>
#include <mutex>

#include "event-log/kafka/client.hpp"

namespace boxoffice::event_log::kafka {

/// How long to wait for brokers, for who can go on without them. Who has waited in vain asks again
/// on its way, of the same partition or in other words: it is not made to wait each time.
/// Thread-safe.
class Patience {
 public:
  static constexpr std::chrono::milliseconds kAfterSilence{1'000};
  static constexpr std::chrono::milliseconds kRemembered{30'000};

  explicit Patience(std::chrono::milliseconds usual) : usual_(usual) {}

  [[nodiscard]] std::chrono::milliseconds left(Partition partition,
                                               Clock::time_point now = Clock::now()) const {
    const std::lock_guard lock(mutex_);
    const auto silent = silent_since_.find(partition);
    const bool is_known = silent != silent_since_.end() && now - silent->second < kRemembered;
    return is_known ? std::min(usual_, kAfterSilence) : usual_;
  }

  /// It was waited for in vain.
  void was_silent(Partition partition, Clock::time_point now = Clock::now()) {
    const std::lock_guard lock(mutex_);
    silent_since_.try_emplace(partition).first->second = now;
  }
  void was_heard(Partition partition) {
    const std::lock_guard lock(mutex_);
    silent_since_.erase(partition);
  }

 private:
  const std::chrono::milliseconds usual_;
  mutable std::mutex mutex_;
  std::map<Partition, Clock::time_point> silent_since_;  // guarded by mutex_
};

}  // namespace boxoffice::event_log::kafka
