#include "app/serve/metrics.hpp"

#include "app/metrics/deciding.hpp"

namespace boxoffice::app {
namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

class EngineMetrics final : public prometheus::Collectable {
 public:
  explicit EngineMetrics(Engine& engine) : engine_(engine) {}

  std::vector<MetricFamily> Collect() const override {
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
    std::vector<MetricFamily> families = deciding_families(engine_.deciding().stats());
    families.push_back(
        labelled("boxoffice_read_lag_seconds",
                 "How long the oldest event that is not in the read models has waited.",
                 MetricType::Gauge, "partition", lag));
    families.push_back(labelled("boxoffice_read_lag_events",
                                "Events that are not in the read models.", MetricType::Gauge,
                                "partition", behind));
    families.push_back(labelled("boxoffice_partition_sequence",
                                "The last sequence of each partition.", MetricType::Gauge,
                                "partition", ends));
    return families;
  }

 private:
  Engine& engine_;
};

}  // namespace

std::shared_ptr<prometheus::Collectable> engine_metrics(Engine& engine) {
  return std::make_shared<EngineMetrics>(engine);
}

}  // namespace boxoffice::app
