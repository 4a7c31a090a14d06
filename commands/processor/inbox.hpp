#pragma once

#include <condition_variable>
#include <mutex>

#include "commands/processor/arrivals.hpp"

namespace boxoffice::processor {

/// Commands of this process: many threads put, one takes. Bounded: whoever finds it full or closed
/// is told so at once. Whether the partitions are held is nothing to it: what is put is taken, and
/// answered by whoever takes it.
class Inbox final : public Arrivals {
 public:
  explicit Inbox(std::size_t submissions_max);

  /// False, and `submission` untouched, if the inbox is full or closed.
  bool put(Submission&& submission);

  std::expected<void, RecoveryError> resume(std::span<const OwnedPartition>) override { return {}; }
  void suspend() override {}
  std::expected<void, RecoveryError> take(std::vector<Submission>& into) override;
  void wait(std::chrono::steady_clock::time_point until) override;
  void interrupt() override;
  void close() override;
  std::size_t depth() const override;

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
