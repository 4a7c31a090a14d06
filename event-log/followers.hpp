#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "event-log/log.hpp"

namespace boxoffice::event_log {

/// Those who follow a log in its own process. Thread-safe.
class Followers {
 public:
  /// `follower` is called until the handle is destroyed; destroying waits for a call under way,
  /// unless it is done from within that call.
  [[nodiscard]] std::shared_ptr<void> add(Follower follower);

  /// REQUIRES: calls come in the order of the batches, one at a time.
  void notify(const std::shared_ptr<const Batch>& batch);

 private:
  struct Following;

  std::mutex mutex_;
  std::vector<std::weak_ptr<Following>> following_;   // guarded by mutex_
  std::vector<std::shared_ptr<Following>> notified_;  // of the one `notify` under way; reused
};

}  // namespace boxoffice::event_log
