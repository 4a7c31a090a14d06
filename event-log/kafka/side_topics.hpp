#pragma once

#include "event-log/kafka/kafka_log.hpp"
#include "event-log/side_topic.hpp"

namespace boxoffice::event_log {

/// The topics `boxoffice.snapshots` and `boxoffice.decided`. Thread-safe. The topics must be there:
/// open the log first.
///
/// An idempotent producer without transactions serves both. What is on its way is bounded, of all
/// senders together; a record that no broker takes within minutes is given up.
class KafkaSideTopics {
 public:
  [[nodiscard]] static Result<std::unique_ptr<KafkaSideTopics>> open(const KafkaSettings& settings);
  ~KafkaSideTopics();

  /// Valid as long as this is.
  SideTopic& snapshots();
  SideTopic& decided();

 private:
  struct Impl;
  explicit KafkaSideTopics(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace boxoffice::event_log
