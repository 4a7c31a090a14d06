#pragma once

#include <expected>
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
std::expected<OwnedPartition, RecoveryError> recover(event_log::Log& log,
                                                     schema::Partition partition, KeyMemory& keys,
                                                     SnapshotStore& snapshots,
                                                     const Settings& settings, schema::Instant now);

}  // namespace boxoffice::processor
