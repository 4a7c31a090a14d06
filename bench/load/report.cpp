#include "bench/load/report.hpp"

#include <fmt/format.h>

#include "bench/cpu_spent.hpp"

namespace boxoffice::bench {
namespace {

double microseconds(Histogram::Nanoseconds duration) {
  return static_cast<double>(duration.count()) / 1e3;
}

std::string statuses(const LoadResult& result) {
  std::string members;
  for (std::size_t status = 0; status < result.by_status.size(); ++status) {
    if (result.by_status[status] == 0) continue;
    if (!members.empty()) members += ",";
    members += fmt::format(R"("{}":{})", status, result.by_status[status]);
  }
  return members;
}

/// The last second is left out: it may be a piece of one.
std::string p99_by_second(const LoadResult& result) {
  std::string values;
  for (std::size_t second = 0; second + 1 < result.by_second.size(); ++second) {
    if (second > 0) values += ",";
    values += fmt::format("{:.1f}", microseconds(result.by_second[second].quantile(0.99)));
  }
  return values;
}

}  // namespace

std::string report(const LoadSettings& settings, const LoadResult& result, std::size_t idle_closed,
                   std::size_t slow_closed) {
  const Histogram& latency = result.latency;
  const double seconds = std::max(result.elapsed.count(), 1e-9);
  const double sent = std::max(static_cast<double>(result.sent), 1.0);
  return fmt::format(
      R"({{"connections":{},"rate_wanted":{},"seconds":{:.3f},"rate":{:.1f},)"
      R"("answered":{},"sent":{},)"
      R"("unanswered":{},"connection_errors":{},"statuses":{{{}}},)"
      R"("latency_us":{{"mean":{:.1f},)"
      R"("p50":{:.1f},"p90":{:.1f},"p99":{:.1f},"p99_9":{:.1f},"max":{:.1f},"max_at_s":{:.3f},)"
      R"("p99_by_second":[{}]}},)"
      R"("load_cpu_us_per_request":{:.2f},"idle_closed":{},"slow_closed":{}}})",
      settings.connections, settings.rate ? fmt::format("{:.1f}", *settings.rate) : "null", seconds,
      static_cast<double>(result.answered) / seconds, result.answered, result.sent,
      result.unanswered, result.connection_errors, statuses(result), latency.mean_ns() / 1e3,
      microseconds(latency.quantile(0.5)), microseconds(latency.quantile(0.9)),
      microseconds(latency.quantile(0.99)), microseconds(latency.quantile(0.999)),
      microseconds(latency.max()), result.slowest_at.count(), p99_by_second(result),
      cpu_spent() * 1e6 / sent, idle_closed, slow_closed);
}

}  // namespace boxoffice::bench
