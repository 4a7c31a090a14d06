#pragma once

#include <thread>

#include "event-log/kafka/ends_watch.hpp"
#include "event-log/kafka/kafka_cursor.hpp"

namespace boxoffice::event_log::kafka {

/// Reads what others commit, from where the log ended when it was opened, and hands it to the
/// followers of this process. On a thread of its own.
class Tail {
 public:
  /// `cluster` must outlive it.
  explicit Tail(Cluster& cluster);
  ~Tail();

  /// How old what was handed over may be.
  std::chrono::milliseconds age() const { return watch_.age(); }

 private:
  void run();
  /// False: nothing has come, or cannot be read now.
  bool hand_over(KafkaCursor& cursor);

  Cluster& cluster_;
  Bell bell_;
  std::vector<std::unique_ptr<KafkaCursor>> cursors_;  // by partition; before the bell goes
  EndsWatch watch_;
  schema::Reader reader_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace boxoffice::event_log::kafka
