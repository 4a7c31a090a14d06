#pragma once

#include <expected>
#include <functional>
#include <string>

#include "commands/processor/key_memory.hpp"
#include "commands/processor/owned_partition.hpp"
#include "commands/processor/recovery_error.hpp"
#include "commands/processor/settings.hpp"
#include "commands/processor/snapshot.hpp"
#include "event-log/log.hpp"

namespace boxoffice::processor {

/// Makes a partition's state out of its newest good snapshot and the log behind it, and has `keys`
/// remember what was decided within the window. Everything read is checked: sequences without a
/// gap, each event's `prevhash` the hash of the one before.
///
/// REQUIRES: the partition was taken over (nobody else appends), and `keys` was restarted.
/// `is_given_up` is asked often; once it says yes, the result is soon an error.
std::expected<OwnedPartition, RecoveryError> recover(
    event_log::Log& log, schema::Partition partition, KeyMemory& keys, SnapshotStore& snapshots,
    const Settings& settings, schema::Instant now,
    const std::function<bool()>& is_given_up = [] { return false; });

}  // namespace boxoffice::processor
