#include "app/serve/log_lines.hpp"

#include "journal/journal.hpp"

namespace boxoffice::app {
namespace {

constexpr int kWarning = 4;  // of syslog
constexpr int kLinesMax = 10;
constexpr std::chrono::minutes kWindow{1};

}  // namespace

void LogLines::operator()(int level, std::string_view message) const {
  const bool is_told = level <= kWarning && may_speak(*window_);
  journal::Line(is_told ? journal::Level::warning : journal::Level::debug, "kafka_client",
                "kafka: " + std::string(message))
      .with("error", message);
}

bool LogLines::may_speak(Window& window) {
  const std::scoped_lock lock(window.mutex);
  const auto now = std::chrono::steady_clock::now();
  if (now - window.begun >= kWindow) {
    window.begun = now;
    window.lines = 0;
  }
  return ++window.lines <= kLinesMax;
}

}  // namespace boxoffice::app
