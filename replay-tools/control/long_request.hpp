#pragma once

#include <atomic>
#include <functional>
#include <stop_token>
#include <string>
#include <thread>

namespace boxoffice::control {

/// One request that takes its time, on a thread of its own. To be called by one thread.
class LongRequest {
 public:
  using Work = std::move_only_function<void(std::stop_token)>;

  /// The request under way; empty: none.
  std::string_view under_way() const { return is_under_way_ ? name_ : std::string_view(); }

  /// Does `work`, then `finish`, in which the next may already begin. REQUIRES: none is under way.
  void begin(std::string name, Work work, std::move_only_function<void()> finish);

 private:
  std::string name_;
  std::atomic<bool> is_under_way_ = false;
  std::jthread thread_;  ///< its end asks the work to stop, and waits
};

}  // namespace boxoffice::control
