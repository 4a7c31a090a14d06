#pragma once

#include <chrono>
#include <functional>

#include "bench/log_layout/layout.hpp"

namespace boxoffice::bench {

using Open = std::function<std::unique_ptr<Layout>(const std::filesystem::path& directory)>;

struct ServiceSettings {
  std::size_t clients = 64;
  /// How long a client takes from its answer to its next claim.
  std::chrono::microseconds between{2000};
  std::chrono::seconds runs_for{4};
};

struct ServiceFigures {
  double claims_per_s = 0;
  double p50_us = 0;  ///< from asking to durable
  double p99_us = 0;
  double cpu_us = 0;   ///< of the whole process, a claim: writing, appending, flushing, reading
  double behind = 0;   ///< events that the reader had not yet read when the last was durable
  double open_ms = 0;  ///< after closing
  double replayed_per_s = 0;  ///< events, then
};

/// What the service does with its log: batches as they come (all that was asked for while the last
/// one was being synced), while a reader folds what is durable; then everything is closed, opened
/// and read from the beginning, as a recovery or a rebuild does. `directory` must not exist, and is
/// left behind.
ServiceFigures serve(const Open& open, const std::filesystem::path& directory,
                     const ServiceSettings& settings);

}  // namespace boxoffice::bench
