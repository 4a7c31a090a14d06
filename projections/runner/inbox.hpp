#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "event-log/log.hpp"

namespace boxoffice::projections {

/// What waits for the runner: committed batches as they come from the log, and work to be done
/// between two chunks. Bounded: what does not fit is dropped and remembered as missed, for it can
/// be read from the log. Thread-safe.
class Inbox {
 public:
  using Clock = std::chrono::steady_clock;
  using Batches = std::vector<std::shared_ptr<const event_log::Batch>>;

  /// Holds so many events, of so many bytes as they stand on the log; a batch that exceeds that by
  /// itself is held where nothing else is.
  struct Bounds {
    std::size_t events_max;
    std::size_t bytes_max;
  };
  explicit Inbox(Bounds bounds) : bounds_(bounds) {}

  /// Never blocks on the runner.
  void push(std::shared_ptr<const event_log::Batch> batch);
  /// False, and nothing is queued, once closed.
  bool push_work(std::function<void()> work);

  struct Taken {
    Batches batches;
    std::vector<std::function<void()>> work;
    bool missed = false;  ///< batches that came after these were dropped
    bool closed = false;  ///< and nothing is left
  };
  /// Waits until there is something, or as long; takes some `events_max` events. As one chunk costs
  /// less than two, it then waits for that many, until `apart` has passed since it took the last
  /// ones; but not if somebody waits for them.
  Taken take(std::size_t events_max, std::chrono::milliseconds patience,
             std::chrono::milliseconds apart);
  /// Somebody waits: what has come, or comes next, is taken at once.
  void hurry();
  std::vector<std::function<void()>> take_work();
  /// Waits until closed, or as long.
  void wait_closed_for(std::chrono::milliseconds time);

  /// What is there is still taken; nothing is added.
  void close();
  bool closed() const;

  /// Since when the oldest event that was pushed, and not applied, waits; nullopt: none does.
  std::optional<Clock::time_point> waiting_since() const;
  /// What was taken is older than it came in (a runner that reads from the log says how old).
  void working_since(Clock::time_point since);
  /// All that was taken is applied.
  void done();

 private:
  struct Arrival {
    std::shared_ptr<const event_log::Batch> batch;
    std::size_t bytes;
    Clock::time_point at;
  };

  // For those who hold the mutex:
  bool has_room_for(std::size_t events, std::size_t bytes) const;
  /// Whether so many events are there, or what cannot wait.
  bool due(std::size_t events) const;
  void await(std::unique_lock<std::mutex>& lock, std::size_t events, Clock::time_point until);
  void wake_if_due();

  const Bounds bounds_;
  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  std::condition_variable closing_;
  // guarded by mutex_:
  std::deque<Arrival> arrivals_;
  std::size_t events_ = 0;
  std::size_t bytes_ = 0;  // of events
  std::vector<std::function<void()>> work_;
  std::optional<Clock::time_point> missed_since_;
  std::optional<Clock::time_point> working_since_;
  bool closed_ = false;
  bool hurried_ = false;
  std::optional<std::size_t> awaited_events_;  // nullopt: the runner is at work
  Clock::time_point taken_at_{};
};

}  // namespace boxoffice::projections
