#include "app/serve/readiness_lines.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace boxoffice::app {

void ReadinessLines::look(const gateway::Readiness& readiness) {
  if (told_ == readiness.reasons) return;
  for (const std::string& reason : readiness.reasons) spdlog::warn("not ready: {}", reason);
  if (readiness.ready) spdlog::info(std::exchange(was_ready_, true) ? "ready again" : "ready");
  told_ = readiness.reasons;
}

}  // namespace boxoffice::app
