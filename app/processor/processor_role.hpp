#pragma once

#include <span>
#include <string>

namespace boxoffice::app {

/// `boxoffice processor`: decides the partitions that the consumer group gives this process, until
/// SIGTERM or SIGINT. The exit code; throws WrongSetting and std::runtime_error.
int run_processor(std::span<const std::string> arguments);

}  // namespace boxoffice::app
