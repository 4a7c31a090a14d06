#include "app/serve/process.hpp"

#include <cstdlib>
#include <utility>

#include "journal/journal.hpp"

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

EndAtOnce::EndAtOnce(Signals& signals)
    : waiting_([this, &signals] {
        constexpr std::chrono::milliseconds kLookEvery{10};
        while (!is_over_) {
          if (!signals.wait_for_stop(kLookEvery)) continue;
          journal::info("stopped", "stopped before it had begun");
          std::_Exit(0);
        }
      }) {}

EndAtOnce::~EndAtOnce() {
  is_over_ = true;
  waiting_.join();
}

void begin_logging(const Settings& settings) {
  journal::begin(settings.text("log-level"));
  for (const std::string& line : settings.printed()) journal::info("setting", "setting " + line);
  for (const std::string& warning : settings.warnings()) journal::warning("setting_odd", warning);
}

void tell_listening(std::string_view url) {
  journal::info("listening", "listening on " + std::string(url)).with("url", url);
}

void tell_status(std::string_view address) {
  const std::string url = "http://" + std::string(address);
  journal::info("status_listening", "status at " + url).with("url", url);
}

}  // namespace boxoffice::app
