#include "app/serve/metrics.hpp"

#include "app/metrics/clock.hpp"
#include "app/metrics/deciding.hpp"
#include "app/metrics/reading.hpp"

namespace boxoffice::app {
namespace {

class EngineMetrics final : public prometheus::Collectable {
 public:
  explicit EngineMetrics(Engine& engine) : engine_(engine) {}

  std::vector<prometheus::MetricFamily> Collect() const override {
    const processor::Stats stats = engine_.deciding().stats();
    std::vector<prometheus::MetricFamily> families = deciding_families(stats);
    families.push_back(gauge("boxoffice_inbox_depth", "Commands that wait to be decided.",
                             double(stats.inbox_depth)));
    for (auto& family : reading_families(engine_.log(), engine_.models()))
      families.push_back(std::move(family));
    if (const event_log::BrokersTime* time = engine_.brokers_time())
      for (auto& family : clock_families(time->compare(wall_clock())))
        families.push_back(std::move(family));
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
