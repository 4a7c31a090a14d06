#pragma once

#include <atomic>
#include <chrono>
#include <expected>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "commands/processor/arrivals.hpp"
#include "commands/processor/background.hpp"
#include "commands/processor/inbox.hpp"
#include "commands/processor/key_memory.hpp"
#include "commands/processor/outcome_reader.hpp"
#include "commands/processor/owned_partition.hpp"
#include "commands/processor/recall_allowance.hpp"
#include "commands/processor/recovery_error.hpp"
#include "commands/processor/scribe.hpp"
#include "commands/processor/settings.hpp"
#include "commands/processor/snapshot.hpp"
#include "commands/processor/stats.hpp"
#include "commands/processor/submission.hpp"

/// The command processor: owns partitions, decides what has arrived, appends it in one transaction,
/// answers after the sync.
namespace boxoffice::processor {

/// A partition that can be decided from now on.
struct TakenOver {
  schema::Partition partition;
  const RecoveryFacts& facts;
  std::chrono::milliseconds behind_fence{};  ///< how long it took since nobody else could append
  schema::Sequence end;                      ///< of its history
};

/// A batch that is not on the log, as far as its owner knows: the partitions are lost.
struct AppendFailed {
  std::span<const schema::Partition> partitions;
  std::size_t events = 0;
  std::size_t commands = 0;
  const event_log::LogError& error;
  std::chrono::milliseconds took{};
};

/// Partitions that were held: what came of their commands is not what comes next.
struct LetGo {
  std::span<const schema::Partition> partitions;
  const RecoveryError& error;
};

/// Partitions that could not be taken over, for another reason than at the last attempt.
struct TakeOverFailed {
  std::span<const schema::Partition> partitions;
  const RecoveryError& error;
};

/// Commands that were deleted undecided, as an event says.
struct CommandsSkipped {
  schema::Position position;  ///< of the event, which is on the log
  SkippedCommands skipped;
};

/// What a processor works with; all of it must outlive the processor.
struct Surroundings {
  event_log::Log& log;
  KeyMemory& keys;
  SnapshotStore& snapshots;
  Background& background;
  /// Asked before each take-over, so that nobody is fenced who has the better right, and again
  /// behind the fence, when nobody else can have come. The error says why not. Empty: always.
  std::function<std::expected<void, std::string>()> may_take_over = {};
  /// Why nothing may be decided by a clock that says this; nullopt: it is right. Asked at each
  /// step. Empty: every clock is.
  std::function<std::optional<std::string>(Instant)> clock_trouble = {};
  /// How long reading takes is measured by it; it never goes back.
  std::function<std::chrono::nanoseconds()> stopwatch = [] {
    return std::chrono::steady_clock::now().time_since_epoch();
  };
  /// Where commands come from; null: from `submit`.
  Arrivals* arrivals = nullptr;
  /// Is told each partition that was taken over, on the owner's thread. Empty: nobody is.
  std::function<void(const TakenOver&)> on_taken_over = {};
  /// Likewise, commands that were skipped.
  std::function<void(const CommandsSkipped&)> on_skipped = {};
  /// Likewise, what went wrong.
  std::function<void(const AppendFailed&)> on_append_failed = {};
  std::function<void(const LetGo&)> on_let_go = {};
  std::function<void(const TakeOverFailed&)> on_take_over_failed = {};
};

/// Decides for a set of partitions that commit together.
///
/// A step function of what has arrived, the time and the log: it has no thread and no clock.
/// `submit`, `status` and `stats` may be called from any thread; all else from one, the owner's.
///
/// The state is never ahead of the log: when an append fails in whatever way, the state is dropped
/// and the partitions are taken over anew. Every command of the batch that was submitted here is
/// answered `Unavailable`; those that came through a topic are answered by nobody, and come again.
class Processor {
 public:
  Processor(Settings settings, Surroundings surroundings,
            std::vector<schema::Partition> partitions);
  ~Processor();

  /// False, and `submission` untouched, when the inbox is full or closed: to be answered `503`.
  /// Else `respond` is called once, by `step`; or at once, where the partitions have been away for
  /// `away_max`.
  bool submit(Submission&& submission);

  struct Progress {
    bool more = false;  ///< there is something to do at once
    /// When `step` is to be called again though nothing arrives: a timer, or the next attempt to
    /// take over.
    std::optional<Instant> next;
  };
  /// Settles a slice of what is due, decides what has arrived, at most a batch, appends it, then
  /// answers. While the partitions are not held it attempts to take over, and answers all that has
  /// arrived with `Unavailable`. Time that goes back is not followed; by a time that is wrong
  /// (`Surroundings::clock_trouble`) nothing is done but to let go of the partitions.
  Progress step(Instant now);

  /// Taking over is given up, and not attempted again. Any thread.
  void end() { is_ending_ = true; }
  /// Beside deciding: a snapshot of each partition that is worth one to whoever takes it over.
  /// False: none is under way or left to be made. To be called between steps, before `close`.
  bool prepare_to_leave();
  /// Nothing more is let in.
  void close();
  /// Keeps the keys over a restart, and returns when that is done; gives a snapshot up that is
  /// still under way. The last thing that is done.
  void leave();

  struct Status {
    bool ready = false;
    std::string reason;  ///< why not
    /// False: it stays so until somebody mends what is kept; a service had better end.
    bool retry_helps = true;
  };
  Status status() const;

  Stats stats() const;

  /// How long ago the oldest command that was taken and has no outcome yet was received; while the
  /// partitions are not held, for how long they have not been, if that is longer. Any thread.
  std::chrono::milliseconds behind(Instant now) const;

  /// What waits to be decided. For the owner's thread.
  std::size_t waiting() const { return arrivals_.depth() + arrived_.size() - arrived_next_; }
  /// Waits as `Arrivals::wait` does. For the owner's thread, but for `interrupt`.
  void wait(std::chrono::steady_clock::time_point until) { arrivals_.wait(until); }
  void interrupt() { arrivals_.interrupt(); }

 private:
  struct Pending {
    Respond respond;
    Answer answer;
  };
  static constexpr std::size_t kNotOwned = ~std::size_t{0};

  // Getting the partitions and losing them (processor_ownership.cpp).
  /// Whether it is right; the partitions are let go of where it is not.
  bool is_right(Instant given);
  bool may_attempt(Instant given) const;
  void take_over(Instant given);
  std::expected<void, RecoveryError> hold_partitions();
  void tell_taken_over(std::chrono::milliseconds behind_fence);
  void attempt_failed(RecoveryError why);
  void lose(std::string reason, Instant given);
  void refuse_arrived();
  bool away_for_long() const;
  void set_status(Status status);
  void keep_snapshots();
  /// And takes note of one that has been kept.
  bool is_snapshot_under_way();
  void begin_snapshot(OwnedPartition& owned);

  void measure_clock();
  // One batch (processor.cpp), in this order.
  /// False: the partitions were lost, for what arrives is not what comes next.
  bool begin_batch(Instant given);
  void record_skipped();
  void tell_oldest();
  void settle_due();
  void decide_arrived();
  void prefetch(const Submission& submission) const;
  Answer decide(Submission& submission);
  /// What was not decided before.
  Answer decide_anew(Submission& submission, OwnedPartition& owned, Instant time);
  /// What comes of an outcome beside its events: a wrapped key, and that the command's own is
  /// bound.
  void bind(Submission& submission, OwnedPartition& owned, const Outcome& outcome, Instant time);
  /// To whoever waits elsewhere: it becomes visible with the batch.
  void reply(const Submission& submission, const Answer& answer);
  /// How far a partition's time is ahead of the clock that deadlines are counted by, because that
  /// was put back: nobody is too late for that.
  std::chrono::milliseconds ahead_of_clock(Instant time) const;
  std::optional<Answer> recall(const Submission& submission, Instant time);
  /// From the log, as long as there is time for it.
  std::optional<Answer> read_outcome(const Submission& submission, schema::Position position,
                                     Instant time);
  void evolve(OwnedPartition& owned, std::size_t first);
  void commit(Instant given);
  void tell_skipped();
  void answer_pending();
  Progress progress(Instant given) const;

  schema::Partition partition_of(const Submission& submission) const;
  OwnedPartition* owner_of(schema::Partition partition);

  const Settings settings_;
  const Surroundings surroundings_;
  const std::vector<schema::Partition> partitions_;
  Inbox inbox_;
  Arrivals& arrivals_;  ///< the inbox, unless they come from elsewhere
  Instant now_{};       ///< the latest time that was seen
  Instant given_{};     ///< the clock's, at this step

  std::unique_ptr<event_log::Writer> writer_;  ///< null: the partitions are not held
  std::vector<OwnedPartition> owned_;          ///< as in partitions_; empty while they are not held
  std::vector<std::size_t> index_;             ///< partition number → place in owned_
  std::size_t timers_turn_ = 0;                ///< whose timers are settled first
  std::optional<Instant> attempted_at_;  ///< the last time of losing or of failing to take over
  std::chrono::milliseconds attempt_wait_;
  std::string failure_;  ///< why the partitions were lost, or the last attempt failed
  std::uint32_t failures_in_a_row_ = 0;  ///< since the last append that succeeded
  /// By the steady clock, in nanoseconds; 0: the partitions are held.
  std::atomic<std::int64_t> away_since_;
  static constexpr std::int64_t kNone = std::numeric_limits<std::int64_t>::max();
  std::atomic<std::int64_t> oldest_received_ms_{kNone};  ///< of those without an outcome
  std::atomic<bool> is_ending_{false};
  std::atomic<bool> snapshot_under_way_{false};
  std::atomic<bool> snapshots_given_up_{false};
  bool snapshot_kept_ = false;  ///< of the background's while one is under way
  schema::Position last_snapshot_{};

  std::vector<Submission> arrived_;
  std::size_t arrived_next_ = 0;  ///< those before are decided
  std::shared_ptr<Batch> batch_;
  std::size_t batch_bytes_ = 0;
  std::uint64_t batch_begun_ns_ = 0;
  std::vector<Pending> pending_;
  std::optional<CommandsSkipped> skipped_;           ///< that the batch tells of
  std::vector<schema::Position> committed_through_;  ///< by the last batch
  Scribe scribe_;
  OutcomeReader outcomes_;
  RecallAllowance recalls_;
  bool has_decided_anew_ = false;                 ///< since the batch began
  std::chrono::nanoseconds last_decided_anew_{};  ///< or taken over, which may be to decide some

  std::uint32_t measure_turn_ = 0;
  StatsKeeper stats_;
  mutable std::mutex status_mutex_;
  Status status_;  // guarded by status_mutex_
};

}  // namespace boxoffice::processor
