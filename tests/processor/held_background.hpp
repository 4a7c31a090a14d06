#pragma once

#include <algorithm>
#include <deque>
#include <utility>

#include "commands/processor/background.hpp"

namespace boxoffice::processor {

/// A background that does nothing by itself, as where no core is ever idle.
class HeldBackground final : public Background {
 public:
  void run(Owner owner, Task task) override { tasks_.push_back({owner, std::move(task)}); }

  void drain(Owner owner) override {
    ++drained;
    while (run_one(owner)) {
    }
  }

  /// The owner's next task. False: it has none.
  bool run_one(Owner owner) {
    const auto first = std::ranges::find(tasks_, owner, &Given::owner);
    if (first == tasks_.end()) return false;
    Task task = std::move(first->task);
    tasks_.erase(first);
    task();
    ++done;
    return true;
  }

  /// As a crash does: none of them will ever run.
  void forget() { tasks_.clear(); }

  std::size_t held() const { return tasks_.size(); }

  std::size_t drained = 0;  ///< so often
  std::size_t done = 0;

 private:
  struct Given {
    Owner owner;
    Task task;
  };
  std::deque<Given> tasks_;
};

}  // namespace boxoffice::processor
