#pragma once

#include <deque>

#include "commands/processor/background.hpp"

namespace boxoffice::simulation {

/// Work that is done when the simulation says so, and lost in a crash.
class Later final : public processor::Background {
 public:
  void run(Owner, Task task) override { tasks_.push_back(std::move(task)); }
  void drain(Owner) override { finish(); }
  void finish() {
    while (work()) {
    }
  }
  /// Does one task; false if there is none.
  bool work() {
    if (tasks_.empty()) return false;
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    task();
    return true;
  }
  void forget() { tasks_.clear(); }

 private:
  std::deque<Task> tasks_;
};

}  // namespace boxoffice::simulation
