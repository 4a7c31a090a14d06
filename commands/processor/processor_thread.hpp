#pragma once

#include <atomic>
#include <functional>
#include <thread>

#include "commands/processor/processor.hpp"

namespace boxoffice::processor {

/// Drives a processor: steps whenever something has arrived or is due, and sleeps in between.
class ProcessorThread {
 public:
  using Clock = std::function<Instant()>;

  /// `processor` must outlive this, and `step` must not be called by anybody else meanwhile.
  /// `name` is what the system shows, at most 15 characters.
  ProcessorThread(Processor& processor, Clock clock, std::string name = "deciding");
  ~ProcessorThread();

  /// It goes on deciding while it writes the last snapshots, at most some seconds. Then nothing
  /// more is let in, and what is there is decided and answered. Returns at once: who stops several
  /// tells all of them first.
  void begin_to_stop();
  /// The same, and returns when all is done. May be called more than once, by one thread.
  void stop();

 private:
  void work();
  void turn(std::chrono::milliseconds sleep_max);

  Processor& processor_;
  const Clock clock_;
  const std::string name_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace boxoffice::processor
