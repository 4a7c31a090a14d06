#pragma once

#include <exception>
#include <functional>
#include <memory>

namespace boxoffice::simulation {

/// A call that can be left in its midst and gone on with later, or never: as a thread that the
/// operating system does not let run. It has a stack of its own, and no thread.
class Fiber {
 public:
  /// Thrown in the midst of a call that is never gone on with.
  struct Ended {};

  Fiber();
  ~Fiber();  ///< ends the call
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  /// Calls `work`, and returns when it does or when it pauses. What it throws is thrown here.
  /// REQUIRES: no call is under way.
  void begin(std::function<void()> work);
  /// Goes on where it paused. REQUIRES: a call is under way.
  void resume();
  /// `work` has begun and not returned.
  bool is_under_way() const;

  /// Within `work`: leaves it. Returns when it is gone on with; throws Ended if it never is.
  void pause();

 private:
  struct Stack;
  void run();
  void enter();

  std::unique_ptr<Stack> stack_;
  std::function<void()> work_;
  std::exception_ptr thrown_;
  bool is_ending_ = false;
};

}  // namespace boxoffice::simulation
