#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string_view>

namespace boxoffice::app {

/// Takes librdkafka's messages into our log: errors and warnings, and of those so many a minute,
/// for in an outage each of many connections repeats its own; the rest for debugging. Thread-safe.
class LogLines {
 public:
  /// `level` as of syslog, 0 to 7.
  void operator()(int level, std::string_view message) const;

 private:
  struct Window {
    std::mutex mutex;
    std::chrono::steady_clock::time_point begun{};  // guarded by mutex
    int lines = 0;                                  // guarded by mutex
  };
  static bool may_speak(Window& window);

  std::shared_ptr<Window> window_ = std::make_shared<Window>();
};

}  // namespace boxoffice::app
