#include "app/serve/take_over_lines.hpp"

#include <spdlog/spdlog.h>

namespace boxoffice::app {

void log_taken_over(const processor::TakenOver& taken) {
  const processor::RecoveryFacts& facts = taken.facts;
  for (const std::string& passed_over : facts.passed_over)
    spdlog::warn("taking over partition {}: {}", taken.partition.value, passed_over);
  spdlog::info(
      "took over partition {} from {}, {} events read, {} keys from runs, in {} ms behind the "
      "fence",
      taken.partition.value,
      facts.snapshot == schema::Sequence{}
          ? "no snapshot"
          : "the snapshot at " + std::to_string(facts.snapshot.value),
      facts.events_read, facts.keys_gathered, taken.behind_fence.count());
}

void log_skipped(const processor::CommandsSkipped& told) {
  const processor::SkippedCommands& skipped = told.skipped;
  spdlog::warn(
      "commands of partition {} from offset {} through {} were deleted from their topic before "
      "they were decided, as event {} says",
      skipped.partition.value, skipped.from, skipped.through, schema::event_id(told.position));
}

void log_in_the_way(const std::string& what) { spdlog::warn("{}", what); }

}  // namespace boxoffice::app
