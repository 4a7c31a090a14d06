#include "app/metrics/deciding.hpp"

namespace boxoffice::app {

using prometheus::MetricFamily;
using prometheus::MetricType;

namespace {

std::map<std::string, std::uint64_t, std::less<>> stage_times(const processor::StageTimes& stages) {
  return {{"decide", stages.decide_ns},
          {"write", stages.write_ns},
          {"hash", stages.hash_ns},
          {"append", stages.append_ns}};
}

}  // namespace

std::vector<MetricFamily> deciding_families(const processor::Stats& stats) {
  return {
      counter("boxoffice_commands_decided_total", "Commands decided, refusals included.",
              stats.commands_decided),
      counter("boxoffice_commands_repeated_total", "Commands answered from an earlier decision.",
              stats.commands_repeated),
      counter("boxoffice_commands_unavailable_total", "Commands that nothing was decided about.",
              stats.commands_unavailable),
      counter("boxoffice_repeats_put_off_total",
              "Of these, repeats beyond the time there is for reading earlier outcomes.",
              stats.repeats_put_off),
      counter("boxoffice_commands_skipped_total",
              "Commands that were deleted from their topic undecided, at most.",
              stats.commands_skipped),
      counter("boxoffice_events_total", "Events written.", stats.events),
      counter("boxoffice_timer_events_total", "Events written by timers.", stats.timer_events),
      counter("boxoffice_batches_total", "Log transactions.", stats.batches),
      counter("boxoffice_appends_failed_total", "Log transactions that failed.",
              stats.appends_failed),
      counter("boxoffice_appends_fenced_total",
              "Log transactions that failed because another owner had taken over.",
              stats.appends_fenced),
      counter("boxoffice_take_overs_total", "Times that the partitions were taken over.",
              stats.take_overs),
      histogram("boxoffice_recovery_seconds",
                "How long a take-over took from the fence until commands were decided.",
                stats.recovery_ms, 1e-3),
      counter("boxoffice_recovery_events_read_total", "Events read while taking over.",
              stats.recovery_events_read),
      counter("boxoffice_recovery_keys_gathered_total",
              "Idempotency keys had while taking over without reading their events.",
              stats.recovery_keys_gathered),
      counter("boxoffice_snapshots_total", "Snapshots written.", stats.snapshots),
      counter("boxoffice_snapshots_failed_total", "Snapshots that could not be written.",
              stats.snapshots_failed),
      counter("boxoffice_commands_sampled_total", "Commands whose stages were measured.",
              stats.stages.sampled),
      labelled("boxoffice_stage_nanoseconds_total",
               "Where the time goes: of sampled commands; append: of all.", MetricType::Counter,
               "stage", stage_times(stats.stages)),
      labelled("boxoffice_refusals_total", "Refusals by name.", MetricType::Counter, "refusal",
               stats.refusals),
      histogram("boxoffice_batch_events", "Events in a log transaction.", stats.batch_events, 1),
      histogram("boxoffice_commit_seconds", "How long a log transaction took, sync included.",
                stats.append_us, 1e-6),
      histogram("boxoffice_cycle_seconds",
                "How long a batch of commands took from being taken to its answers.",
                stats.cycle_us, 1e-6),
      histogram("boxoffice_command_wait_seconds",
                "How long commands had been under way when they were decided.", stats.waited_ms,
                1e-3),
      gauge("boxoffice_keys_in_memory", "Idempotency keys in memory.",
            double(stats.keys_in_memory)),
      gauge("boxoffice_clock_behind_seconds",
            "How far the clock is behind what it has shown, or history.",
            double(stats.clock_behind_ms) / 1000),
  };
}

}  // namespace boxoffice::app
