#pragma once

#include <span>
#include <string>

namespace boxoffice::app {

/// `boxoffice projector`: read models of a log on Kafka, which gateways ask, until SIGTERM or
/// SIGINT. Returns the exit code.
int run_projector(std::span<const std::string> arguments);

}  // namespace boxoffice::app
