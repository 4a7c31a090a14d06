#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <vector>

#include "commands/processor/submission.hpp"

namespace boxoffice::processor {

/// What waits to be decided: many threads put, one takes. Bounded: whoever finds it full or closed
/// is told so at once.
class Inbox {
 public:
  explicit Inbox(std::size_t submissions_max);

  /// False, and `submission` untouched, if the inbox is full or closed.
  bool put(Submission&& submission);

  /// Moves all that has arrived into `into`, in the order of arrival. REQUIRES: `into` is empty.
  void take(std::vector<Submission>& into);

  /// Returns when something has arrived, `interrupt` was called, or at `until`; whichever is first.
  void wait(std::chrono::steady_clock::time_point until);
  void interrupt();

  /// From now on nothing more is let in; what is there can still be taken.
  void close();

  std::size_t depth() const;

 private:
  const std::size_t submissions_max_;
  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<Submission> waiting_;  // guarded by mutex_
  bool taker_sleeps_ = false;        // guarded by mutex_; spares the wake-up while the taker works
  bool interrupted_ = false;         // guarded by mutex_
  bool closed_ = false;              // guarded by mutex_
};

}  // namespace boxoffice::processor
