#pragma once

#include <span>
#include <string>

namespace boxoffice::app {

/// `boxoffice serve`: everything in one process, until SIGTERM or SIGINT, which drain, or until
/// another service takes over the log. Returns the exit code: 0; 3 where it was taken over.
int run_serve(std::span<const std::string> arguments);

}  // namespace boxoffice::app
