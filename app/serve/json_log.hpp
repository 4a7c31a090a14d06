#pragma once

#include <string_view>

namespace boxoffice::app {

/// From now on spdlog's default logger writes one JSON object a line to stderr:
/// `{"time":"2027-01-16T19:00:00.000Z","level":"info","message":"…"}`. `level`: debug, info, warn
/// or error.
void log_as_json(std::string_view level);

}  // namespace boxoffice::app
