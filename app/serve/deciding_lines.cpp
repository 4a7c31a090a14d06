#include "app/serve/deciding_lines.hpp"

#include <fmt/format.h>

#include "journal/journal.hpp"

namespace boxoffice::app {

void log_taken_over(const processor::TakenOver& taken) {
  const processor::RecoveryFacts& facts = taken.facts;
  for (const std::string& passed_over : facts.passed_over)
    journal::warning("snapshot_passed_over", fmt::format("taking over partition {}: {}",
                                                         taken.partition.value, passed_over))
        .with("partition", taken.partition)
        .with("error", passed_over);
  const std::string from = facts.snapshot == schema::Sequence{}
                               ? "no snapshot"
                               : fmt::format("the snapshot at {}", facts.snapshot.value);
  journal::info(
      "partition_taken_over",
      fmt::format("took over partition {} from {}, {} events read, {} keys from runs, in {} ms "
                  "behind the fence",
                  taken.partition.value, from, facts.events_read, facts.keys_gathered,
                  taken.behind_fence.count()))
      .at({taken.partition, taken.end})
      .with("snapshot", facts.snapshot)
      .with("events_read", facts.events_read)
      .with("keys_gathered", facts.keys_gathered)
      .with("behind_fence_ms", taken.behind_fence);
}

void log_skipped(const processor::CommandsSkipped& told) {
  const processor::SkippedCommands& skipped = told.skipped;
  journal::warning(
      "commands_skipped",
      fmt::format("commands of partition {} from offset {} through {} were deleted from their "
                  "topic before they were decided, as event {} says",
                  skipped.partition.value, skipped.from, skipped.through,
                  schema::event_id(told.position)))
      .at(told.position)
      .with("from", skipped.from)
      .with("through", skipped.through)
      .with("end", skipped.end)
      .with("found", schema::to_text(skipped.found));
}

void log_passed_over(schema::Partition partition, std::uint64_t from, std::uint64_t through,
                     const std::string& why) {
  journal::warning("commands_passed_over",
                   fmt::format("commands of partition {} from offset {} through {} are passed "
                               "over: {}",
                               partition.value, from, through, why))
      .with("partition", partition)
      .with("from", from)
      .with("through", through)
      .with("error", why);
}

void log_append_failed(const processor::AppendFailed& failed) {
  const bool is_fenced = failed.error.kind == event_log::LogErrorKind::fenced;
  journal::warning("append_failed",
                   fmt::format("a batch of {} events was not written, and none of its {} commands "
                               "answered as decided: {}",
                               failed.events, failed.commands, failed.error.message))
      .with("partitions", failed.partitions)
      .with("events", failed.events)
      .with("commands", failed.commands)
      .with("fenced", is_fenced)
      .with("error", failed.error.message)
      .with("took_ms", failed.took);
}

void log_let_go(const processor::LetGo& let_go) {
  journal::warning("partitions_let_go", "cannot go on deciding: " + let_go.error.message)
      .with("partitions", let_go.partitions)
      .with("error", let_go.error.message);
}

void log_take_over_failed(const processor::TakeOverFailed& failed) {
  journal::Line(failed.error.retry_helps ? journal::Level::warning : journal::Level::error,
                "take_over_failed", "taking over failed: " + failed.error.message)
      .with("partitions", failed.partitions)
      .with("retry_helps", failed.error.retry_helps)
      .with("error", failed.error.message);
}

void log_in_the_way(const std::string& what) {
  journal::warning("cannot_travel", what).with("error", what);
}

}  // namespace boxoffice::app
