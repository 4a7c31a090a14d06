#pragma once

#include <string>

#include "commands/processor/processor.hpp"

namespace boxoffice::app {

/// Logs from what a partition was taken over, and how long it took.
void log_taken_over(const processor::TakenOver& taken);

/// Logs that commands were deleted undecided.
void log_skipped(const processor::CommandsSkipped& told);

/// Logs what keeps snapshots or keys from travelling.
void log_in_the_way(const std::string& what);

}  // namespace boxoffice::app
