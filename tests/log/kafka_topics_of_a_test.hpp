#pragma once

#include "event-log/kafka/kafka_log.hpp"
#include "tests/kafka/broker.hpp"

namespace boxoffice::event_log::testing {

/// A deployment of its own on the shared broker: settings with a prefix that no other test has.
inline KafkaSettings fresh_settings(boxoffice::testing::Broker& broker) {
  static int last = 0;
  return {.bootstrap_servers = broker.bootstrap_servers(),
          .prefix = "test" + std::to_string(++last) + "-",
          .partitions = 4,
          .replication_factor = 1,
          .min_insync_replicas = 1,
          .create_topics = true,
          .read_timeout = std::chrono::seconds(30)};
}

inline std::unique_ptr<Log> opened(const KafkaSettings& settings) {
  auto log = open_kafka(settings);
  if (!log) throw std::runtime_error(log.error().message);
  return std::move(*log);
}

}  // namespace boxoffice::event_log::testing
