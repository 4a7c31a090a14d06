#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "bench/load/histogram.hpp"
#include "bench/load/requests.hpp"
#include "bench/load/response.hpp"
#include "bench/load/socket.hpp"

namespace boxoffice::bench {

struct LoadSettings {
  Target target;
  std::size_t connections = 64;
  std::chrono::duration<double> warmup{1};
  std::chrono::duration<double> measured{10};
  /// Requests a second, sent whether or not earlier ones were answered; nullopt: each connection
  /// sends when it has its answer.
  std::optional<double> rate;
  /// Ends early after that many requests, warm-up included.
  std::optional<std::uint64_t> requests_max;
  std::uint64_t first_number = 0;
};

struct LoadResult {
  Histogram latency;                           ///< of requests that were due while measuring
  std::vector<Histogram> by_second;            ///< the same, by the second in which they were due
  std::array<std::uint64_t, 600> by_status{};  ///< likewise
  std::uint64_t answered = 0;                  ///< while measuring
  std::uint64_t sent = 0;                      ///< ever
  std::uint64_t unanswered = 0;                ///< when the run and its grace were over
  std::uint64_t connection_errors = 0;
  std::chrono::duration<double> elapsed{};  ///< measured, in fact
  std::chrono::duration<double>
      slowest_at{};  ///< when the slowest request was due, from the start of measuring
};

/// Drives one thread's worth of load: epoll, one outstanding request for each connection, no
/// allocation for a request.
///
/// With a rate, latency counts from the instant at which a request was due, so that a server that
/// stalls is charged for all who would have come meanwhile. Without one, from the instant at which
/// it was sent. `answered` is called for each answer, the late ones included, with the request's
/// number.
LoadResult run_load(const LoadSettings& settings, Requests& requests,
                    const std::function<void(std::uint64_t number, const Response&)>& answered);

}  // namespace boxoffice::bench
