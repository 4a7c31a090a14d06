#include "app/serve/readiness_lines.hpp"

#include <spdlog/spdlog.h>

#include <utility>

#include "events-schema/values.hpp"

namespace boxoffice::app {
namespace {

/// The time that a clock shows at each look is no news.
std::string without_times(std::string reason) {
  for (std::size_t at = 0; at + schema::kInstantTextLength <= reason.size(); ++at)
    if (schema::instant_from_text(std::string_view(reason).substr(at, schema::kInstantTextLength)))
      reason.erase(at, schema::kInstantTextLength);
  return reason;
}

}  // namespace

void ReadinessLines::look(const gateway::Readiness& readiness) {
  std::vector<std::string> now;
  for (const std::string& reason : readiness.reasons) now.push_back(without_times(reason));
  if (told_ == now) return;
  for (const std::string& reason : readiness.reasons) spdlog::warn("not ready: {}", reason);
  if (readiness.ready) spdlog::info(std::exchange(was_ready_, true) ? "ready again" : "ready");
  told_ = std::move(now);
}

}  // namespace boxoffice::app
