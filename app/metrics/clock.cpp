#include "app/metrics/clock.hpp"

#include "app/serve/engine.hpp"

namespace boxoffice::app {
namespace {

double in_seconds(std::chrono::milliseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

class ClockMetrics final : public prometheus::Collectable {
 public:
  explicit ClockMetrics(const event_log::BrokersTime& time) : time_(time) {}
  std::vector<prometheus::MetricFamily> Collect() const override {
    return clock_families(time_.compare(wall_clock()));
  }

 private:
  const event_log::BrokersTime& time_;
};

}  // namespace

std::vector<prometheus::MetricFamily> clock_families(
    const std::optional<event_log::ClockComparison>& comparison) {
  if (!comparison) return {};
  const std::map<std::string, double, std::less<>> times{
      {"host", in_seconds(comparison->clock.time_since_epoch())},
      {"brokers", in_seconds(comparison->brokers.time_since_epoch())}};
  return {gauge("boxoffice_clock_ahead_of_brokers_seconds",
                "How far the clock is ahead of the brokers'; behind: less than 0.",
                in_seconds(comparison->ahead())),
          labelled("boxoffice_time_seconds", "What time it is by each clock, since 1970.",
                   prometheus::MetricType::Gauge, "clock", times)};
}

std::shared_ptr<prometheus::Collectable> clock_metrics(const event_log::BrokersTime& time) {
  return std::make_shared<ClockMetrics>(time);
}

}  // namespace boxoffice::app
