#include "app/serve/readiness_lines.hpp"

#include <cctype>
#include <utility>

#include "events-schema/values.hpp"
#include "journal/journal.hpp"

namespace boxoffice::app {
namespace {

/// What a clock shows at each look is no news, nor by how many seconds it is off now.
std::string without_times(std::string reason) {
  for (std::size_t at = 0; at + schema::kInstantTextLength <= reason.size(); ++at)
    if (schema::instant_from_text(std::string_view(reason).substr(at, schema::kInstantTextLength)))
      reason.erase(at, schema::kInstantTextLength);
  constexpr std::string_view kSeconds = " s ";
  for (std::size_t at = reason.find(kSeconds); at != reason.npos;
       at = reason.find(kSeconds, at + 1))
    while (at > 0 && std::isdigit(static_cast<unsigned char>(reason[at - 1])) != 0)
      reason.erase(--at, 1);
  return reason;
}

}  // namespace

void ReadinessLines::look(const gateway::Readiness& readiness) {
  std::vector<std::string> now;
  for (const std::string& reason : readiness.reasons) now.push_back(without_times(reason));
  if (told_ == now) return;
  const auto at = std::chrono::steady_clock::now();
  if (told_ && told_->empty()) unready_since_ = at;
  for (const std::string& reason : readiness.reasons)
    journal::warning("not_ready", "not ready: " + reason).with("reason", reason);
  if (readiness.ready)
    journal::info("ready", std::exchange(was_ready_, true) ? "ready again" : "ready")
        .with("after_ms", at - unready_since_);
  told_ = std::move(now);
}

}  // namespace boxoffice::app
