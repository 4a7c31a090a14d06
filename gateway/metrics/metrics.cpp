#include "gateway/metrics/metrics.hpp"

#include <fmt/format.h>
#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>

#include "gateway/http/problem.hpp"

namespace boxoffice::gateway {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

/// Upper bounds of the latency histogram, in seconds.
constexpr std::array kBounds{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                             0.05,   0.1,     0.25,   0.5,   1.0,    2.5,   5.0,  10.0};
constexpr std::array kStatuses{200, 201, 204, 304, 400, 401, 403, 404, 405, 408, 409,
                               412, 413, 415, 422, 429, 431, 500, 501, 503, 505};

std::size_t status_index(int status) {
  const auto found = std::ranges::lower_bound(kStatuses, status);
  return found != kStatuses.end() && *found == status
             ? static_cast<std::size_t>(found - kStatuses.begin())
             : kStatuses.size();
}

MetricFamily family(std::string name, std::string help, MetricType type) {
  return {.name = std::move(name), .help = std::move(help), .type = type, .metric = {}};
}

ClientMetric counted(std::vector<ClientMetric::Label> labels, double value) {
  ClientMetric metric;
  metric.label = std::move(labels);
  metric.counter.value = value;
  return metric;
}

}  // namespace

struct Metrics::Counts {
  std::array<std::atomic<std::uint64_t>, kStatuses.size() + 1> by_status{};
  std::array<std::atomic<std::uint64_t>, kBounds.size() + 1> by_latency{};
  std::atomic<std::uint64_t> latency_ns{0};
};

Metrics::Metrics(std::span<const Route> routes)
    : routes_(routes), counts_(std::make_unique<Counts[]>(routes.size() + 1)) {}

Metrics::~Metrics() = default;

void Metrics::answered(const http::Answered& answered) {
  Counts& counts = counts_[std::min(answered.route, routes_.size())];
  counts.by_status[status_index(answered.status)].fetch_add(1, std::memory_order_relaxed);
  const double seconds = std::chrono::duration<double>(answered.took).count();
  const auto bucket =
      static_cast<std::size_t>(std::ranges::lower_bound(kBounds, seconds) - kBounds.begin());
  counts.by_latency[bucket].fetch_add(1, std::memory_order_relaxed);
  counts.latency_ns.fetch_add(static_cast<std::uint64_t>(answered.took.count()),
                              std::memory_order_relaxed);
}

std::string Metrics::text(std::span<const std::shared_ptr<prometheus::Collectable>> others) const {
  MetricFamily requests =
      family("boxoffice_http_requests_total", "Requests answered.", MetricType::Counter);
  MetricFamily latency =
      family("boxoffice_http_request_duration_seconds",
             "From a request's first byte to its answer.", MetricType::Histogram);
  for (std::size_t i = 0; i <= routes_.size(); ++i) {
    const Counts& counts = counts_[i];
    const std::vector<ClientMetric::Label> route{
        {"method", i < routes_.size() ? std::string(http::to_text(routes_[i].method)) : "none"},
        {"route", i < routes_.size() ? std::string(routes_[i].path) : "none"}};
    for (std::size_t s = 0; s < counts.by_status.size(); ++s) {
      const auto count = counts.by_status[s].load(std::memory_order_relaxed);
      if (count == 0) continue;
      auto labels = route;
      labels.push_back({"status", s < kStatuses.size() ? std::to_string(kStatuses[s]) : "other"});
      requests.metric.push_back(counted(std::move(labels), static_cast<double>(count)));
    }
    ClientMetric histogram;
    histogram.label = route;
    std::uint64_t below = 0;
    for (std::size_t b = 0; b < counts.by_latency.size(); ++b) {
      below += counts.by_latency[b].load(std::memory_order_relaxed);
      const double bound =
          b < kBounds.size() ? kBounds[b] : std::numeric_limits<double>::infinity();
      histogram.histogram.bucket.push_back({.cumulative_count = below, .upper_bound = bound});
    }
    if (below == 0) continue;
    histogram.histogram.sample_count = below;
    histogram.histogram.sample_sum =
        static_cast<double>(counts.latency_ns.load(std::memory_order_relaxed)) / 1e9;
    latency.metric.push_back(std::move(histogram));
  }

  const Gauges gauges = gauges_ ? gauges_() : Gauges();
  MetricFamily connections =
      family("boxoffice_http_connections", "Connections held.", MetricType::Gauge);
  ClientMetric held;
  held.gauge.value = static_cast<double>(gauges.connections);
  connections.metric.push_back(held);
  MetricFamily refused = family("boxoffice_http_connections_refused_total",
                                "Connections beyond the bound.", MetricType::Counter);
  refused.metric.push_back(counted({}, static_cast<double>(gauges.connections_refused)));
  MetricFamily limited =
      family("boxoffice_rate_limited_total", "Requests beyond a rate.", MetricType::Counter);
  for (std::size_t i = 0; i < limits::kPolicies; ++i) {
    const auto policy = static_cast<limits::Policy>(i);
    limited.metric.push_back(counted({{"policy", std::string(name_of(policy))}},
                                     static_cast<double>(gauges.limited[i])));
  }

  std::vector<MetricFamily> families{std::move(requests), std::move(latency),
                                     std::move(connections), std::move(refused),
                                     std::move(limited)};
  for (const auto& other : others) {
    for (MetricFamily& one : other->Collect()) families.push_back(std::move(one));
  }
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace boxoffice::gateway
