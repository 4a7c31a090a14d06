#pragma once

#include "event-log/command_topic.hpp"
#include "event-log/kafka/kafka_log.hpp"

namespace boxoffice::event_log {

/// A stream that hands nothing over though there is more is opened again. librdkafka finds a dead
/// connection by itself, within its `socket.timeout.ms` (10 s).
inline constexpr std::chrono::milliseconds kOpensAgainAfter{15'000};

/// The topic `boxoffice.commands`, as processors read it. Thread-safe. The topics must be there:
/// open the log first.
class KafkaCommandTopic {
 public:
  /// What a partition has is read over another connection where it has stood still for so long.
  [[nodiscard]] static Result<std::unique_ptr<KafkaCommandTopic>> open(
      const KafkaSettings& settings,
      std::chrono::milliseconds opens_again_after = kOpensAgainAfter);
  ~KafkaCommandTopic();

  /// The commands of a partition; at most one source of each at a time. The topic must outlive it.
  [[nodiscard]] std::unique_ptr<CommandSource> source(Partition partition);

 private:
  struct Impl;
  explicit KafkaCommandTopic(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace boxoffice::event_log
