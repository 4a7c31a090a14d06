#pragma once

#include <prometheus/collectable.h>

#include <functional>
#include <optional>
#include <vector>

#include "app/metrics/families.hpp"
#include "event-log/kafka/brokers_time.hpp"

namespace boxoffice::app {

/// A host's clock beside the brokers'; nothing while no broker tells its time.
std::vector<prometheus::MetricFamily> clock_families(
    const std::optional<event_log::ClockComparison>& comparison);

/// The same of now. `time` must outlive it.
std::shared_ptr<prometheus::Collectable> clock_metrics(const event_log::BrokersTime& time);

}  // namespace boxoffice::app
