#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "commands/processor/background.hpp"

namespace boxoffice::processor {

/// A thread that runs where a core is idle, and one that relieves it where none is: others may keep
/// all of them busy for hours, and what is not saved meanwhile must not grow. The destructor
/// finishes what was given. Thread-safe.
///
/// Who drains does what has not begun by itself: it may be in a hurry, and these threads are not.
///
/// Unbounded by itself: of each owner there are few at a time. A processor gives it one snapshot,
/// but for the last ones, a memory of keys one lot and one slice of a filter.
class BackgroundThread final : public Background {
 public:
  using Clock = std::chrono::steady_clock;

  /// What a thread has had of the cores since it began.
  struct Share {
    std::chrono::nanoseconds ran{};
    std::chrono::nanoseconds waited{};
  };

  struct Settings {
    /// A task that waited longer for a core, and twenty times as long as it ran, has starved: a
    /// slow disk is no want of cores, and neither is a core that is idle now and then. What others
    /// gave does not wait longer for one that is under way.
    std::chrono::milliseconds patience = std::chrono::seconds(5);
    /// How long all is done by the relief then, before the idle cores are tried again.
    std::chrono::milliseconds relief = std::chrono::seconds(30);
    /// Of the calling thread.
    std::function<Share()> share;
  };

  BackgroundThread();
  explicit BackgroundThread(Settings settings);
  ~BackgroundThread() override;

  void run(Owner owner, Task task) override;
  void drain(Owner owner) override;

 private:
  struct Given {
    Owner owner;
    Task task;
  };
  using Queue = std::deque<Given>;

  void work_when_idle();
  void relieve();
  bool has_starved(const Share& before, const Share& after) const;
  bool is_relieved(Clock::time_point now) const;
  bool is_busy(Owner owner) const;
  /// The first of an owner that has none under way.
  Queue::iterator next();
  /// Takes that one out of the queue and does it, unlocked meanwhile.
  void do_task(Queue::iterator which, std::unique_lock<std::mutex>& lock);

  const Settings settings_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Queue tasks_;              // guarded by mutex_
  std::vector<Owner> busy_;  // those with a task under way; guarded by mutex_
  bool stopping_ = false;    // guarded by mutex_
  std::optional<Clock::time_point> under_way_since_;  // of the idle thread; guarded by mutex_
  Clock::time_point relieved_until_{};                // guarded by mutex_
  std::thread when_idle_;
  std::thread relief_;
};

}  // namespace boxoffice::processor
