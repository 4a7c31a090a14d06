#include "app/serve/readiness_lines.hpp"

#include <spdlog/spdlog.h>

namespace boxoffice::app {

void ReadinessLines::look(const gateway::Readiness& readiness) {
  if (readiness.reasons == told_) return;
  for (const std::string& reason : readiness.reasons) spdlog::warn("not ready: {}", reason);
  if (readiness.ready) spdlog::info("ready again");
  told_ = readiness.reasons;
}

}  // namespace boxoffice::app
