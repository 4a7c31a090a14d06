#pragma once

#include "event-log/kafka/kafka_log.hpp"
#include "event-log/kafka/properties.hpp"

namespace boxoffice::event_log::kafka {

/// The properties that a lane's topic is made with, and must have.
[[nodiscard]] Properties properties_of(std::size_t lane, const KafkaSettings& settings);

/// Whether the topic may have this value of one of those properties.
[[nodiscard]] bool is_good(std::size_t lane, const std::string& name, const std::string& value,
                           const std::string& wanted);

}  // namespace boxoffice::event_log::kafka
