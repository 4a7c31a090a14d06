#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "commands/processor/background.hpp"

namespace boxoffice::processor {

/// One thread; its destructor finishes what was given to it. Thread-safe.
/// Unbounded by itself: a processor gives it at most one snapshot and one lot of keys at a time.
class BackgroundThread final : public Background {
 public:
  BackgroundThread();
  ~BackgroundThread() override;

  void run(Task task) override;
  void drain() override;

 private:
  void work();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Task> tasks_;  // guarded by mutex_
  bool busy_ = false;       // guarded by mutex_
  bool stopping_ = false;   // guarded by mutex_
  std::thread thread_;
};

}  // namespace boxoffice::processor
