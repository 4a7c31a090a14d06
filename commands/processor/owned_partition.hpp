#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "commands/domain/partition_state.hpp"

namespace boxoffice::processor {

/// Where a partition's order ends.
struct ChainEnd {
  schema::Sequence sequence;
  std::optional<schema::Digest> hash;  ///< of the last event; nullopt before the first
  schema::Instant time{};              ///< of the last event; time never goes back
};

/// How far the commands of a partition have been decided, where they come through a topic. It
/// stands on the events themselves, so it can neither be ahead of them nor behind.
struct CommandMark {
  std::string log;  ///< as `CommandSource::log`
  std::uint64_t offset = 0;

  bool operator==(const CommandMark&) const = default;
};

/// What taking a partition over took.
struct RecoveryFacts {
  schema::Sequence snapshot;  ///< the state was made of; 0: of the log alone
  std::uint64_t events_read = 0;
  std::uint64_t keys_gathered = 0;       ///< without reading their events
  std::vector<std::string> passed_over;  ///< snapshots that did not serve, and why
};

/// A partition as its owner knows it.
struct OwnedPartition {
  schema::Partition partition;
  std::unique_ptr<domain::PartitionState> state;
  ChainEnd end;
  std::optional<CommandMark> decided;  ///< by the last event of a command that has one

  /// The last sequence that is on the log. What lies between it and `end` is the batch being made,
  /// and `in_batch` says where it is.
  schema::Sequence committed;
  std::vector<std::uint32_t> in_batch;

  RecoveryFacts recovery;
  schema::Sequence snapshotted;  ///< a snapshot is kept of it
  /// The last attempt.
  schema::Sequence snapshot_begun;
  schema::Instant snapshot_begun_at{};
  bool has_last_snapshot = false;  ///< or needs none: it is about to be handed over
};

}  // namespace boxoffice::processor
