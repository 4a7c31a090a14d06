#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <span>
#include <string>
#include <string_view>

#include "replay-tools/commands.hpp"

namespace boxoffice::replay {

using OpenedLog = std::expected<std::unique_ptr<event_log::Log>, std::string>;

/// What the program brings, for it knows settings. Errors are for an operator.
struct PartForLogs {
  std::function<OpenedLog(const KafkaFlags&)> open_kafka_for_reading;
  /// What is missing is made, under that name and with so many partitions.
  std::function<OpenedLog(const KafkaFlags&, std::string_view deployment, std::uint16_t partitions)>
      open_kafka_for_copying;
  std::function<OpenedLog(const std::string& directory, std::string_view deployment,
                          std::uint16_t partitions)>
      open_directory_for_copying;
  /// Says on a log on Kafka that it is this process's, so that services on it end.
  std::function<event_log::KeyRecord()> claim;
};

/// `boxoffice log copy --from DIR|kafka --to DIR|kafka …`. Returns the exit code: 0; 1 where the
/// copy cannot be whole, for a chain is broken, the destination has another history, or the source
/// is in use; 2 for a wrong usage, or where a log cannot be opened, read or written.
int run_log(std::span<const std::string> arguments, std::ostream& out, std::ostream& error,
            PartForLogs part);

}  // namespace boxoffice::replay
