#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "commands/processor/owned_partition.hpp"
#include "commands/processor/recovery_error.hpp"
#include "commands/processor/submission.hpp"

namespace boxoffice::processor {

/// Commands of a partition that nobody can decide any more: their topic does not keep them.
struct SkippedCommands {
  schema::Partition partition;
  std::uint64_t from = 0;
  std::uint64_t through = 0;
  std::uint64_t end = 0;  ///< of the topic, behind its last record
  schema::SkipFound found{};
};

/// Where a processor's commands come from. All but `interrupt`, `close` and `depth` is for the
/// owner's thread.
class Arrivals {
 public:
  virtual ~Arrivals() = default;

  /// The partitions have been taken over, decided as far as they say: what lies behind that comes
  /// from now on, each command once, those of a partition in order.
  virtual std::expected<void, RecoveryError> resume(std::span<const OwnedPartition> owned) = 0;
  /// The partitions are lost. Whatever `take` gave and was not decided counts for nothing.
  virtual void suspend() = 0;

  /// Moves what has arrived into `into`, in the order of arrival; bounded. The error: what arrives
  /// does not stand behind what was taken before, so nothing of it may be decided, and the
  /// partitions are to be let go of. REQUIRES: `into` is empty.
  virtual std::expected<void, RecoveryError> take(std::vector<Submission>& into) = 0;
  /// What has been missing since `resume` or the last call, and lies before whatever `take` gave
  /// since then; nullopt: nothing.
  virtual std::optional<SkippedCommands> take_skipped() { return std::nullopt; }
  /// Returns when something has arrived, `interrupt` was called, or at `until`; whichever is first.
  virtual void wait(std::chrono::steady_clock::time_point until) = 0;
  virtual void interrupt() = 0;
  /// From now on nothing more is let in; what was let in before can still be taken.
  virtual void close() = 0;

  virtual std::size_t depth() const = 0;
  /// What `Envelope::command_log` says; empty where commands come through no topic.
  virtual std::string_view log() const { return {}; }
};

}  // namespace boxoffice::processor
