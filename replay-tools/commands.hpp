#pragma once

#include <expected>
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "event-log/log.hpp"

namespace boxoffice::replay {

/// Settings of the service, as flags, that say where on Kafka a log is.
using KafkaFlags = std::vector<std::string>;

/// What `rebuild` and `diff` are asked for.
struct ReadModelsWish {
  std::string directory;
  std::string model;                     ///< empty: all
  bool swap = false;                     ///< rebuild: what was made takes the place of the live one
  std::optional<KafkaFlags> kafka = {};  ///< nullopt: the log lies in the directory
};

/// What the program brings: the tools of the history know neither read models nor settings.
struct ProgramsPart {
  /// Does it (`what` is "rebuild" or "diff") and returns the exit code.
  std::function<int(std::string_view what, const ReadModelsWish& wish, std::ostream& out,
                    std::ostream& error)>
      read_models = {};
  /// Opens a log on Kafka for reading.
  std::function<std::expected<std::unique_ptr<event_log::Log>, std::string>(const KafkaFlags&)>
      open_kafka = {};
};

/// `boxoffice replay show|explain|verify|rebuild|diff …`, on a directory in use or at rest, or a
/// log on Kafka. `arguments` begin after `replay`. Returns the exit code: 0; 1 where verify found a
/// violation or diff a difference; 2 for a wrong usage, or a history that cannot be opened or read.
int run_replay(std::span<const std::string> arguments, ProgramsPart part);
int run_replay(std::span<const std::string> arguments, std::ostream& out, std::ostream& error,
               ProgramsPart part = {});

}  // namespace boxoffice::replay
