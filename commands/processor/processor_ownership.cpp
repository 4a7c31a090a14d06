// Getting the partitions, losing them, and what is kept over a restart.

#include <algorithm>
#include <utility>

#include "commands/domain/snapshot.hpp"
#include "commands/processor/monotonic.hpp"
#include "commands/processor/processor.hpp"
#include "commands/processor/recovery.hpp"

namespace boxoffice::processor {

bool Processor::is_right(Instant given) {
  if (!surroundings_.clock_trouble) return true;
  auto trouble = surroundings_.clock_trouble(given);
  if (!trouble) return true;
  if (writer_)
    lose(std::move(*trouble), given);
  else
    set_status({.ready = false, .reason = std::move(*trouble)});
  attempted_at_.reset();  // that time was wrong
  return false;
}

bool Processor::may_attempt(Instant given) const {
  // Either way: a clock that was set back must not keep us waiting.
  return !attempted_at_ || std::chrono::abs(given - *attempted_at_) >= attempt_wait_;
}

void Processor::take_over(Instant given) {
  if (status().retry_helps)
    set_status({.ready = false,
                .reason = failure_.empty() ? "taking over: reading the log"
                                           : "taking over again, after: " + failure_});
  if (auto taken = hold_partitions(); !taken) {
    attempted_at_ = given;
    const auto& tell = surroundings_.on_take_over_failed;
    if (tell && !is_ending_ && taken.error().message != failure_)
      tell({.partitions = partitions_, .error = taken.error()});
    attempt_failed(taken.error());
    return;
  }
  stats_.take_overs.add();
  failure_.clear();
  // New commands stand behind the repeats of those that nobody has answered.
  last_decided_anew_ = surroundings_.stopwatch();
  away_since_.store(0, std::memory_order_relaxed);
  set_status({.ready = true});
}

std::expected<void, RecoveryError> Processor::hold_partitions() {
  const auto not_yet = [](std::string why) {
    return std::unexpected(RecoveryError{.message = std::move(why), .retry_helps = true});
  };
  const auto& may_take_over = surroundings_.may_take_over;
  if (may_take_over)
    if (auto may = may_take_over(); !may) return not_yet(may.error());
  auto writer = surroundings_.log.take_over(partitions_);
  if (!writer) return not_yet(writer.error().message);
  const auto fenced_at = std::chrono::steady_clock::now();
  if (may_take_over)
    if (auto still = may_take_over(); !still) return not_yet(still.error());

  KeyMemory& keys = surroundings_.keys;
  keys.restart();
  std::vector<OwnedPartition> owned;
  for (const schema::Partition partition : partitions_) {
    auto recovered = recover(surroundings_.log, partition, keys, surroundings_.snapshots, settings_,
                             now_, [this] { return is_ending_.load(std::memory_order_relaxed); });
    if (!recovered) {
      // Whoever has been fenced meanwhile reads of a log that goes on without it; nothing of that
      // is to be mended.
      if (may_take_over)
        if (auto still = may_take_over(); !still) return not_yet(still.error());
      return std::unexpected(recovered.error());
    }
    owned.push_back(std::move(*recovered));
  }
  if (auto resumed = arrivals_.resume(owned); !resumed) return std::unexpected(resumed.error());
  owned_ = std::move(owned);
  writer_ = std::move(*writer);
  tell_taken_over(std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - fenced_at));
  return {};
}

void Processor::tell_taken_over(std::chrono::milliseconds behind_fence) {
  stats_.recovery_ms.add(static_cast<std::uint64_t>(behind_fence.count()));
  for (OwnedPartition& owned : owned_) {
    const RecoveryFacts facts = std::move(owned.recovery);
    stats_.recovery_events_read.add(facts.events_read);
    stats_.recovery_keys_gathered.add(facts.keys_gathered);
    if (const auto& tell = surroundings_.on_taken_over)
      tell({.partition = owned.partition,
            .facts = facts,
            .behind_fence = behind_fence,
            .end = owned.committed});
  }
}

void Processor::lose(std::string reason, Instant given) {
  writer_.reset();
  owned_.clear();
  arrivals_.suspend();
  // What a topic gave comes again from there, in its order.
  if (surroundings_.arrivals != nullptr) {
    arrived_.clear();
    arrived_next_ = 0;
  }
  away_since_.store(static_cast<std::int64_t>(now_ns()), std::memory_order_relaxed);
  for (Pending& pending : pending_) {
    stats_.commands_unavailable.add();
    if (pending.respond) pending.respond(Unavailable{reason});
  }
  pending_.clear();
  batch_.reset();
  skipped_.reset();
  attempted_at_ = given;
  attempt_failed({.message = std::move(reason), .retry_helps = true});
}

void Processor::attempt_failed(RecoveryError why) {
  set_status({.ready = false, .reason = why.message, .retry_helps = why.retry_helps});
  failure_ = std::move(why.message);
  attempt_wait_ = failures_in_a_row_++ == 0
                      ? settings_.take_over_wait_min
                      : std::min(attempt_wait_ * 2, settings_.take_over_wait_max);
}

void Processor::refuse_arrived() {
  const std::string reason = status().reason;
  do {
    for (; arrived_next_ < arrived_.size(); ++arrived_next_) {
      stats_.commands_unavailable.add();
      if (auto& respond = arrived_[arrived_next_].respond) respond(Unavailable{reason});
    }
    arrived_.clear();
    arrived_next_ = 0;
    (void)arrivals_.take(arrived_);  // a topic gives nothing to who does not hold the partition
  } while (!arrived_.empty());
}

void Processor::set_status(Status status) {
  const std::scoped_lock lock(status_mutex_);
  status_ = std::move(status);
}

void Processor::keep_snapshots() {
  // One at a time, and one a step: freezing is quick, but sixteen at once would not be.
  if (is_snapshot_under_way()) return;
  for (OwnedPartition& owned : owned_) {
    const bool has_changed = owned.committed > owned.snapshotted;
    const bool it_is_time = now_ - owned.snapshot_begun_at >= settings_.snapshot_interval;
    if (owned.committed.value - owned.snapshot_begun.value >= settings_.snapshot_events ||
        (has_changed && it_is_time)) {
      begin_snapshot(owned);
      return;
    }
  }
}

bool Processor::is_snapshot_under_way() {
  if (snapshot_under_way_.load(std::memory_order_acquire)) return true;
  if (!std::exchange(snapshot_kept_, false)) return false;
  // Unless the partitions were lost meanwhile, and what is kept of them may be another one.
  for (OwnedPartition& owned : owned_)
    if (last_snapshot_ == schema::Position{owned.partition, owned.snapshot_begun})
      owned.snapshotted = owned.snapshot_begun;
  return false;
}

void Processor::begin_snapshot(OwnedPartition& owned) {
  snapshot_under_way_.store(true, std::memory_order_release);
  last_snapshot_ = {owned.partition, owned.committed};
  owned.snapshot_begun = owned.committed;
  owned.snapshot_begun_at = now_;
  surroundings_.background.run(this, [this, snapshots = &surroundings_.snapshots,
                                      head = SnapshotHead{.position = {owned.partition,
                                                                       owned.committed},
                                                          .hash = *owned.end.hash,
                                                          .time = owned.end.time,
                                                          .decided = owned.decided},
                                      state = std::make_shared<const domain::FrozenState>(
                                          domain::freeze(*owned.state))]() mutable {
    // The frozen state is let go of as soon as it is written: until then the owner copies what it
    // changes.
    const bool kept = snapshots->save(
        head.position, [this, head, state = std::exchange(state, {})](const domain::Sink& sink) {
          const WriteTo write = [&](const domain::Sink& to) { return domain::write(*state, to); };
          const domain::Sink unless_given_up = [&](std::string_view bytes) {
            return !snapshots_given_up_.load(std::memory_order_relaxed) && sink(bytes);
          };
          return write_frame(head, write, unless_given_up);
        });
    (kept ? stats_.snapshots : stats_.snapshots_failed).fetch_add(1, std::memory_order_relaxed);
    snapshot_kept_ = kept;
    snapshot_under_way_.store(false, std::memory_order_release);
  });
}

bool Processor::prepare_to_leave() {
  if (is_snapshot_under_way()) return true;
  for (OwnedPartition& owned : owned_) {
    if (std::exchange(owned.has_last_snapshot, true)) continue;
    const std::uint64_t behind = owned.committed.value - owned.snapshotted.value;
    if (behind * settings_.claims_worth_an_event <= owned.state->live_claims()) continue;
    begin_snapshot(owned);
    return true;
  }
  return false;
}

void Processor::leave() {
  snapshots_given_up_.store(true, std::memory_order_relaxed);
  surroundings_.background.drain(this);
  surroundings_.keys.save(now_);
}

}  // namespace boxoffice::processor
