#pragma once

#include <span>
#include <string>

namespace boxoffice::app {

/// `boxoffice serve`: everything in one process, until SIGTERM or SIGINT, which drain. Returns the
/// exit code.
int run_serve(std::span<const std::string> arguments);

}  // namespace boxoffice::app
