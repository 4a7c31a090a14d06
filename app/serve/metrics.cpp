#include "app/serve/metrics.hpp"

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <cmath>

namespace boxoffice::app {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

MetricFamily family(std::string name, std::string help, MetricType type) {
  return {.name = std::move(name), .help = std::move(help), .type = type, .metric = {}};
}

MetricFamily counter(std::string name, std::string help, std::uint64_t value) {
  MetricFamily result = family(std::move(name), std::move(help), MetricType::Counter);
  result.metric.emplace_back().counter.value = double(value);
  return result;
}

MetricFamily gauge(std::string name, std::string help, double value) {
  MetricFamily result = family(std::move(name), std::move(help), MetricType::Gauge);
  result.metric.emplace_back().gauge.value = value;
  return result;
}

/// A histogram whose bounds are powers of two times `unit`.
MetricFamily histogram(std::string name, std::string help, const processor::Powers& powers,
                       double unit) {
  MetricFamily result = family(std::move(name), std::move(help), MetricType::Histogram);
  ClientMetric& metric = result.metric.emplace_back();
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < powers.counts.size(); ++i) {
    count += powers.counts[i];
    const double bound = std::ldexp(unit, int(i) + 1);
    metric.histogram.bucket.push_back(
        {.cumulative_count = count,
         .upper_bound = i + 1 == powers.counts.size() ? INFINITY : bound});
  }
  metric.histogram.sample_count = count;
  metric.histogram.sample_sum = double(powers.sum) * unit;
  return result;
}

template <class Number>
MetricFamily labelled(std::string name, std::string help, MetricType type, std::string label,
                      const std::map<std::string, Number, std::less<>>& values) {
  MetricFamily result = family(std::move(name), std::move(help), type);
  for (const auto& [key, value] : values) {
    ClientMetric& metric = result.metric.emplace_back();
    metric.label.push_back({.name = label, .value = key});
    (type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = double(value);
  }
  return result;
}

std::map<std::string, std::uint64_t, std::less<>> stage_times(const processor::StageTimes& stages) {
  return {{"decide", stages.decide_ns},
          {"write", stages.write_ns},
          {"hash", stages.hash_ns},
          {"append", stages.append_ns}};
}

class EngineMetrics final : public prometheus::Collectable {
 public:
  explicit EngineMetrics(Engine& engine) : engine_(engine) {}

  std::vector<MetricFamily> Collect() const override {
    const processor::Stats stats = engine_.deciding().stats();
    std::map<std::string, std::uint64_t, std::less<>> ends;
    std::map<std::string, std::uint64_t, std::less<>> behind;
    std::map<std::string, double, std::less<>> lag;
    const schema::Instant now = wall_clock();
    for (std::uint16_t i = 0; i < engine_.log().partitions(); ++i) {
      const std::string partition = std::to_string(i);
      const projections::PartitionLag read = engine_.models().lag_of({i}, now);
      ends[partition] = engine_.log().end({i}).value;
      behind[partition] = read.events;
      lag[partition] = std::chrono::duration<double>(read.age).count();
    }
    return {
        counter("boxoffice_commands_decided_total", "Commands decided, refusals included.",
                stats.commands_decided),
        counter("boxoffice_commands_repeated_total", "Commands answered from an earlier decision.",
                stats.commands_repeated),
        counter("boxoffice_commands_unavailable_total", "Commands that nothing was decided about.",
                stats.commands_unavailable),
        counter("boxoffice_events_total", "Events written.", stats.events),
        counter("boxoffice_timer_events_total", "Events written by timers.", stats.timer_events),
        counter("boxoffice_batches_total", "Log transactions.", stats.batches),
        counter("boxoffice_appends_failed_total", "Log transactions that failed.",
                stats.appends_failed),
        counter("boxoffice_take_overs_total", "Times that the partitions were taken over.",
                stats.take_overs),
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
        gauge("boxoffice_inbox_depth", "Commands that wait to be decided.",
              double(stats.inbox_depth)),
        gauge("boxoffice_keys_in_memory", "Idempotency keys in memory.",
              double(stats.keys_in_memory)),
        gauge("boxoffice_clock_behind_seconds", "How far the clock is behind what it has shown.",
              double(stats.clock_behind_ms) / 1000),
        labelled("boxoffice_read_lag_seconds",
                 "How long the oldest event that is not in the read models has waited.",
                 MetricType::Gauge, "partition", lag),
        labelled("boxoffice_read_lag_events", "Events that are not in the read models.",
                 MetricType::Gauge, "partition", behind),
        labelled("boxoffice_partition_sequence", "The last sequence of each partition.",
                 MetricType::Gauge, "partition", ends),
    };
  }

 private:
  Engine& engine_;
};

}  // namespace

std::shared_ptr<prometheus::Collectable> engine_metrics(Engine& engine) {
  return std::make_shared<EngineMetrics>(engine);
}

}  // namespace boxoffice::app
