#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "commands/processor/background.hpp"

namespace boxoffice::processor {

/// One thread, which runs where a core is idle; its destructor finishes what was given to it.
/// Thread-safe.
///
/// Who drains does what has not begun by itself: it may be in a hurry, and this thread is not.
///
/// Unbounded by itself: of each owner there are few at a time. A processor gives it one snapshot,
/// but for the last ones, a memory of keys one lot and one slice of a filter.
class BackgroundThread final : public Background {
 public:
  BackgroundThread();
  ~BackgroundThread() override;

  void run(Owner owner, Task task) override;
  void drain(Owner owner) override;

 private:
  struct Given {
    Owner owner;
    Task task;
  };
  using Queue = std::deque<Given>;

  void work();
  bool is_busy(Owner owner) const;
  /// The first of an owner that has none under way.
  Queue::iterator next();
  /// Takes that one out of the queue and does it, unlocked meanwhile.
  void do_task(Queue::iterator which, std::unique_lock<std::mutex>& lock);

  std::mutex mutex_;
  std::condition_variable changed_;
  Queue tasks_;              // guarded by mutex_
  std::vector<Owner> busy_;  // those with a task under way; guarded by mutex_
  bool stopping_ = false;    // guarded by mutex_
  std::thread thread_;
};

}  // namespace boxoffice::processor
