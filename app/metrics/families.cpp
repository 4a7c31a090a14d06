#include "app/metrics/families.hpp"

#include <cmath>

namespace boxoffice::app {

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

}  // namespace boxoffice::app
