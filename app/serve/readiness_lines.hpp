#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "gateway/gateway.hpp"

namespace boxoffice::app {

/// Who shows read models that are further behind than this is not ready.
constexpr std::chrono::milliseconds kReadLagMax{2000};

/// That a process is ready stands in its log once, and so does what keeps it from its work: once
/// when it begins, and once when it is over, whatever time a clock shows meanwhile.
class ReadinessLines {
 public:
  void look(const gateway::Readiness& readiness);

 private:
  std::optional<std::vector<std::string>> told_;  ///< without times
  bool was_ready_ = false;
  std::chrono::steady_clock::time_point unready_since_ = std::chrono::steady_clock::now();
};

}  // namespace boxoffice::app
