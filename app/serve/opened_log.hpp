#pragma once

#include <chrono>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "app/serve/local_directory.hpp"
#include "app/settings/settings.hpp"
#include "event-log/kafka/kafka_log.hpp"
#include "event-log/log.hpp"

namespace boxoffice::app {

/// The log of a service, and what holds the data directory where the log itself does not.
struct OpenedLog {
  std::unique_ptr<LocalDirectory> directory;  ///< null: the log lies in it
  std::unique_ptr<event_log::Log> log;

  bool is_elsewhere() const { return directory != nullptr; }
};

/// Opens or makes the log that the settings name. Throws as Engine does.
OpenedLog open_log(const Settings& settings);

/// The same on Kafka, for roles that run nowhere else.
OpenedLog open_log_on_kafka(const Settings& settings);

/// What else talks to the cluster of a log on Kafka connects with.
event_log::KafkaSettings kafka_beside(const event_log::Log& log, const Settings& settings);

/// The log on Kafka as who only reads it has it: nothing is made or taken over, and what others
/// commit is followed. nullopt: it is not there yet, or cannot be reached, and `why` says more; the
/// rest as above.
std::optional<OpenedLog> open_log_to_follow(const Settings& settings, std::string& why);

/// The same for who reads a little of it now and then, and has no directory; each call that reads
/// takes `read_timeout` at most. nullptr: as above.
std::unique_ptr<event_log::Log> open_log_to_look_at(const Settings& settings,
                                                    std::chrono::milliseconds read_timeout,
                                                    std::string& why);

/// The log on Kafka that flags of `serve`, its environment variables and its file name, for tools.
/// The error is for an operator; throws WrongSetting.
std::expected<std::unique_ptr<event_log::Log>, std::string> open_kafka_for_reading(
    std::vector<std::string> flags);

/// What a log is copied into, made where it is missing, under that name and with so many
/// partitions. Errors as above.
std::expected<std::unique_ptr<event_log::Log>, std::string> open_kafka_for_copying(
    std::vector<std::string> flags, std::string_view deployment, std::uint16_t partitions);
std::expected<std::unique_ptr<event_log::Log>, std::string> open_directory_for_copying(
    const std::string& directory, std::string_view deployment, std::uint16_t partitions);
/// Who copies into a log on Kafka has it, as a service would: see Tenure.
event_log::KeyRecord claim_for_copying();

}  // namespace boxoffice::app
