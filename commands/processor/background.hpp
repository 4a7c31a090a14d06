#pragma once

#include <functional>

namespace boxoffice::processor {

/// Where a processor leaves work that would keep it from deciding: writing snapshots and older keys
/// to disk.
class Background {
 public:
  using Task = std::move_only_function<void()>;

  /// Who gives tasks and may wait for them; compared, never followed.
  using Owner = const void*;

  virtual ~Background() = default;
  /// Runs an owner's tasks one after another, in order; perhaps on another thread, perhaps at once.
  virtual void run(Owner owner, Task task) = 0;
  /// Returns when all that the owner gave to `run` is done, also what its tasks gave meanwhile. May
  /// do it on the caller's thread.
  virtual void drain(Owner owner) = 0;
};

/// Runs each task at once, on the caller's thread: for tests and simulations.
class AtOnce final : public Background {
 public:
  void run(Owner, Task task) override { task(); }
  void drain(Owner) override {}
};

}  // namespace boxoffice::processor
