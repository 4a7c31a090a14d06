#pragma once

#include "event-log/kafka/kafka_log.hpp"

namespace boxoffice::event_log {

/// One topic of events, of all partitions, from its first event on: what is committed, in the order
/// of each partition. For what can be made of one topic alone, and is too small to be kept.
class TopicFeed {
 public:
  virtual ~TopicFeed() = default;

  virtual std::uint16_t partitions() const = 0;
  virtual std::string_view deployment() const = 0;
  /// Whether all that was there when it was opened has been handed over.
  virtual bool ready() const = 0;
  /// How old what was handed over may be.
  virtual std::chrono::milliseconds age() const = 0;
  /// Why nothing more can be handed over, or could not lately; nullopt: nothing is in the way. What
  /// brokers cannot hand over is asked for again; what cannot be read stays so.
  virtual std::optional<LogError> trouble() const = 0;
};

/// `on_event` is called on a thread of its own; what it is given is valid during the call.
using OnEvent = std::function<void(const StoredEvent&)>;

/// The topics are taken as they are, as of `only_read`.
[[nodiscard]] Result<std::unique_ptr<TopicFeed>> follow_topic_on_kafka(
    const KafkaSettings& settings, Topic topic, OnEvent on_event);

}  // namespace boxoffice::event_log
