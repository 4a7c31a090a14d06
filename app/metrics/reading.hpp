#pragma once

#include <prometheus/collectable.h>

#include <vector>

#include "app/metrics/families.hpp"
#include "projections/read_models.hpp"

namespace boxoffice::app {

/// How far the read models are behind the log that they are made from.
std::vector<prometheus::MetricFamily> reading_families(const event_log::Log& log,
                                                       const projections::ReadModels& models);

}  // namespace boxoffice::app
