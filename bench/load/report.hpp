#pragma once

#include <string>

#include "bench/load/load.hpp"

namespace boxoffice::bench {

/// A run as one line of JSON: absolute rates, latencies in microseconds, answers by status, and
/// what the load itself cost.
std::string report(const LoadSettings& settings, const LoadResult& result, std::size_t idle_closed,
                   std::size_t slow_closed);

}  // namespace boxoffice::bench
