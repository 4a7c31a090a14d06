#pragma once

#include <span>
#include <string>

namespace boxoffice::app {

/// `boxoffice gateway`: HTTP in front of processors, until SIGTERM or SIGINT. The exit code; throws
/// WrongSetting and std::runtime_error.
int run_gateway(std::span<const std::string> arguments);

}  // namespace boxoffice::app
