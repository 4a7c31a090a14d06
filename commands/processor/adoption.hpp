#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "event-log/command_topic.hpp"
#include "event-log/log.hpp"

namespace boxoffice::processor {

/// Where the commands of a partition come from.
using CommandsOf =
    std::function<std::unique_ptr<event_log::CommandSource>(schema::Partition partition)>;

/// Has a log that was copied go on as a history of its own: appends `LogAdopted` to each partition,
/// then says that it was done. Nothing to do for a log that is no copy, or was adopted. To be
/// called by who is going to own the partitions, before it decides anything. May be interrupted,
/// and called again, also by several processes at a time.
///
/// `kind` is what the log is now: embedded, kafka. What stands in `commands` by then was sent to
/// another history, so the mark on each `LogAdopted` passes over it; empty: commands come through
/// no topic. The error is for an operator: the copy is unfinished, or the log fails.
[[nodiscard]] std::expected<void, std::string> adopt_copy(event_log::Log& log,
                                                          std::string_view kind,
                                                          schema::Instant now,
                                                          const CommandsOf& commands = {});

}  // namespace boxoffice::processor
