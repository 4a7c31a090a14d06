#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace boxoffice::projections {

/// A few threads that answer what may take long. Thread-safe.
class Workers {
 public:
  using Task = std::move_only_function<void()>;

  /// `name` is shown by the system, with a number: at most 12 characters.
  Workers(std::string_view name, std::size_t threads, std::size_t waiting_max);
  /// What waits is dropped; what is under way is waited for.
  ~Workers();

  /// False: too many wait.
  [[nodiscard]] bool post(Task task);

 private:
  void run(const std::string& name);

  const std::size_t waiting_max_;
  std::mutex mutex_;
  std::condition_variable posted_;
  std::deque<Task> waiting_;  // guarded by mutex_
  bool stopping_ = false;     // guarded by mutex_
  std::vector<std::thread> threads_;
};

}  // namespace boxoffice::projections
