#pragma once

#include <prometheus/metric_family.h>

#include <cstdint>
#include <map>
#include <string>

#include "commands/processor/stats.hpp"

/// Families of metrics out of numbers that are counted elsewhere.
namespace boxoffice::app {

prometheus::MetricFamily family(std::string name, std::string help, prometheus::MetricType type);
prometheus::MetricFamily counter(std::string name, std::string help, std::uint64_t value);
prometheus::MetricFamily gauge(std::string name, std::string help, double value);
/// A histogram whose bounds are powers of two times `unit`.
prometheus::MetricFamily histogram(std::string name, std::string help,
                                   const processor::Powers& powers, double unit);

/// One number for each value of a label.
template <class Number>
prometheus::MetricFamily labelled(std::string name, std::string help, prometheus::MetricType type,
                                  const std::string& label,
                                  const std::map<std::string, Number, std::less<>>& values) {
  prometheus::MetricFamily result = family(std::move(name), std::move(help), type);
  const bool counts = type == prometheus::MetricType::Counter;
  for (const auto& [key, value] : values) {
    prometheus::ClientMetric& metric = result.metric.emplace_back();
    metric.label.push_back({.name = label, .value = key});
    (counts ? metric.counter.value : metric.gauge.value) = double(value);
  }
  return result;
}

}  // namespace boxoffice::app
