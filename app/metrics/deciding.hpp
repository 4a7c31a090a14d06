#pragma once

#include <prometheus/collectable.h>

#include <vector>

#include "app/metrics/families.hpp"

namespace boxoffice::app {

/// What processors count.
std::vector<prometheus::MetricFamily> deciding_families(const processor::Stats& stats);

}  // namespace boxoffice::app
