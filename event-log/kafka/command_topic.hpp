#pragma once

#include "event-log/command_topic.hpp"
#include "event-log/kafka/kafka_log.hpp"

namespace boxoffice::event_log {

/// The topic `boxoffice.commands`, as processors read it. Thread-safe. The topics must be there:
/// open the log first.
class KafkaCommandTopic {
 public:
  [[nodiscard]] static Result<std::unique_ptr<KafkaCommandTopic>> open(
      const KafkaSettings& settings);
  ~KafkaCommandTopic();

  /// The commands of a partition; at most one source of each at a time. The topic must outlive it.
  [[nodiscard]] std::unique_ptr<CommandSource> source(Partition partition);

 private:
  struct Impl;
  explicit KafkaCommandTopic(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace boxoffice::event_log
