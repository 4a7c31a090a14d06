#pragma once

#include <expected>
#include <string>

#include "event-log/log.hpp"

namespace boxoffice::replay {

/// One event in words, a line each: what it is, who asked for it and what caused it, what else its
/// command led to, what it led to later, whether it follows the event before it; then the event.
/// The error is for an operator. Reads the event's partition once.
[[nodiscard]] std::expected<std::string, std::string> explain(event_log::Log& log,
                                                              schema::Position position);

}  // namespace boxoffice::replay
