#pragma once

#include <functional>

namespace boxoffice::processor {

/// Where a processor leaves work that would keep it from deciding: writing snapshots and older keys
/// to disk.
class Background {
 public:
  using Task = std::move_only_function<void()>;

  virtual ~Background() = default;
  /// Runs tasks one after another, in order; perhaps on another thread, perhaps at once.
  virtual void run(Task task) = 0;
  /// Returns when all that was given to `run` is done.
  virtual void drain() = 0;
};

/// Runs each task at once, on the caller's thread: for tests and simulations.
class AtOnce final : public Background {
 public:
  void run(Task task) override { task(); }
  void drain() override {}
};

}  // namespace boxoffice::processor
