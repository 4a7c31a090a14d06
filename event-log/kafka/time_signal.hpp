#pragma once

#include <memory>

#include "event-log/kafka/brokers_time.hpp"
#include "event-log/kafka/kafka_log.hpp"

namespace boxoffice::event_log {

/// Asks the brokers for the time once a second: with an empty record of
/// `boxoffice.replies`, which is for nobody, in one partition after the other, so that each leader
/// is asked. At first in all of them. Thread-safe.
class KafkaTimeSignal {
 public:
  /// The topics must be there: open the log first. `settings` name the number of partitions.
  [[nodiscard]] static Result<std::unique_ptr<KafkaTimeSignal>> open(const KafkaSettings& settings);
  ~KafkaTimeSignal();

  const BrokersTime& time() const;
  /// Why nothing may be decided by this clock, and where nobody tells the time, why; nullopt: it is
  /// right.
  std::optional<std::string> trouble(schema::Instant clock) const;

  /// Waits until the brokers have told that this host's clock is right. The trouble, where it is
  /// not, or none has told anything by then.
  [[nodiscard]] std::optional<std::string> await_right_clock(
      std::chrono::milliseconds timeout) const;

 private:
  struct Impl;
  explicit KafkaTimeSignal(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace boxoffice::event_log
