#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "gateway/http/server.hpp"
#include "gateway/limits/limiter.hpp"
#include "gateway/routes/route.hpp"

namespace prometheus {
class Collectable;
}

namespace boxoffice::gateway {

/// What the gateway counts of itself, and /metrics. Counting is lock-free; adding up is done when
/// somebody asks.
class Metrics {
 public:
  explicit Metrics(std::span<const Route> routes);
  ~Metrics();

  /// On any io thread.
  void answered(const http::Answered& answered);

  /// What the server and the limits know by themselves.
  struct Gauges {
    std::size_t connections = 0;
    std::uint64_t connections_refused = 0;
    std::array<std::uint64_t, limits::kPolicies> limited{};
  };
  void watch(std::function<Gauges()> gauges) { gauges_ = std::move(gauges); }

  /// The Prometheus text format, of this and of `others`.
  std::string text(std::span<const std::shared_ptr<prometheus::Collectable>> others) const;

 private:
  struct Counts;
  class Own;
  std::span<const Route> routes_;
  std::unique_ptr<Counts[]> counts_;  ///< by route; the last is for paths that are none
  std::function<Gauges()> gauges_;
};

}  // namespace boxoffice::gateway
