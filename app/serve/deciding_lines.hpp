#pragma once

#include <string>

#include "commands/processor/processor.hpp"

/// What a log says of deciding: docs/logs.md has the events.
namespace boxoffice::app {

/// Logs from what a partition was taken over, and how long it took.
void log_taken_over(const processor::TakenOver& taken);

/// Logs that commands were deleted undecided.
void log_skipped(const processor::CommandsSkipped& told);

/// Logs that records of the commands' topic are no commands of this partition.
void log_passed_over(schema::Partition partition, std::uint64_t from, std::uint64_t through,
                     const std::string& why);

/// Log why partitions were lost, and why they are not had again.
void log_append_failed(const processor::AppendFailed& failed);
void log_let_go(const processor::LetGo& let_go);
void log_take_over_failed(const processor::TakeOverFailed& failed);

/// Logs what keeps snapshots or keys from travelling.
void log_in_the_way(const std::string& what);

}  // namespace boxoffice::app
