#include "app/serve/process.hpp"

#include <spdlog/spdlog.h>

#include "app/serve/json_log.hpp"

namespace boxoffice::app {

StopSignals::StopSignals() {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGTERM);
  sigaddset(&signals_, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
}

bool StopSignals::wait(std::chrono::milliseconds patience) const {
  const timespec time{.tv_sec = patience.count() / 1000,
                      .tv_nsec = patience.count() % 1000 * 1'000'000};
  return sigtimedwait(&signals_, nullptr, &time) > 0;
}

void begin_logging(const Settings& settings) {
  log_as_json(settings.text("log-level"));
  for (const std::string& line : settings.printed()) spdlog::info("setting {}", line);
  for (const std::string& warning : settings.warnings()) spdlog::warn("{}", warning);
}

}  // namespace boxoffice::app
