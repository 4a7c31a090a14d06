#include "app/metrics/reading.hpp"

#include "app/serve/engine.hpp"

namespace boxoffice::app {

using prometheus::MetricFamily;
using prometheus::MetricType;

std::vector<MetricFamily> reading_families(const event_log::Log& log,
                                           const projections::ReadModels& models) {
  std::map<std::string, std::uint64_t, std::less<>> ends;
  std::map<std::string, std::uint64_t, std::less<>> behind;
  std::map<std::string, double, std::less<>> lag;
  const schema::Instant now = wall_clock();
  for (std::uint16_t i = 0; i < log.partitions(); ++i) {
    const std::string partition = std::to_string(i);
    const projections::PartitionLag read = models.lag_of({i}, now);
    ends[partition] = log.end({i}).value;
    behind[partition] = read.events;
    lag[partition] = std::chrono::duration<double>(read.age).count();
  }
  return {labelled("boxoffice_read_lag_seconds",
                   "How long the oldest event that is not in the read models has waited.",
                   MetricType::Gauge, "partition", lag),
          labelled("boxoffice_read_lag_events", "Events that are not in the read models.",
                   MetricType::Gauge, "partition", behind),
          labelled("boxoffice_partition_sequence", "The last sequence of each partition.",
                   MetricType::Gauge, "partition", ends)};
}

}  // namespace boxoffice::app
