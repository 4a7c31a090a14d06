#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/settings/settings.hpp"
#include "gateway/gateway.hpp"

namespace boxoffice::app {

/// `/healthz`, `/readyz` and `/metrics` of a process that serves nothing else.
class StatusPage {
 public:
  /// Serves at the setting `listen` from now on; throws WrongSetting where that cannot be.
  /// `readiness` is thread-safe, and as `metrics` outlives it.
  StatusPage(const Settings& settings, std::function<gateway::Readiness()> readiness,
             std::vector<std::shared_ptr<prometheus::Collectable>> metrics);
  ~StatusPage();

  /// `127.0.0.1:8081`.
  const std::string& listen() const { return listen_; }

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
  std::string listen_;
};

}  // namespace boxoffice::app
