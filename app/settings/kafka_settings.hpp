#pragma once

#include "app/settings/settings.hpp"
#include "event-log/kafka/kafka_log.hpp"

namespace boxoffice::app {

/// Whether the log is on Kafka. Throws WrongSetting where the settings of one kind of log are given
/// for the other.
bool is_on_kafka(const Settings& settings);

/// How to open it, out of the settings `kafka-*` and `partitions`. Throws WrongSetting, also about
/// the file of properties.
event_log::KafkaSettings kafka_settings(const Settings& settings);

/// How to reach it, out of `brokers`, `kafka-prefix` and `kafka-properties`: for who takes
/// the topics as they are. Throws WrongSetting.
event_log::KafkaSettings kafka_connection(const Settings& settings);

/// The properties in a file like Kafka's own `client.properties`: lines of `name=value`, empty
/// ones, and comments (`#`). Throws WrongSetting with the line.
std::map<std::string, std::string> properties_from(const std::filesystem::path& file);

}  // namespace boxoffice::app
