#include "app/serve/process.hpp"

#include <spdlog/spdlog.h>

#include <utility>

#include "app/serve/json_log.hpp"

namespace boxoffice::app {

Signals::Signals(bool with_hangup) {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGTERM);
  sigaddset(&signals_, SIGINT);
  if (with_hangup) sigaddset(&signals_, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
}

bool Signals::wait_for_stop(std::chrono::milliseconds patience) {
  const timespec time{.tv_sec = patience.count() / 1000,
                      .tv_nsec = patience.count() % 1000 * 1'000'000};
  const int signal = sigtimedwait(&signals_, nullptr, &time);
  hung_up_ |= signal == SIGHUP;
  return signal > 0 && signal != SIGHUP;
}

bool Signals::hung_up() { return std::exchange(hung_up_, false); }

void begin_logging(const Settings& settings) {
  log_as_json(settings.text("log-level"));
  for (const std::string& line : settings.printed()) spdlog::info("setting {}", line);
  for (const std::string& warning : settings.warnings()) spdlog::warn("{}", warning);
}

}  // namespace boxoffice::app
