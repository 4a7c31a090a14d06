#pragma once

#include <expected>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "event-log/embedded/embedded_log.hpp"
#include "replay-tools/control/control.hpp"

/// Reading a data directory, also while a service runs on it.
namespace boxoffice::replay {

/// Where checkpoints lie while tools read them.
inline constexpr std::string_view kCheckpoints = "checkpoints";

/// A log that is only read. What was made for reading it goes when this does.
class OpenHistory {
 public:
  /// `missing_lock`: where the directory is not held, for it has nothing to hold it by.
  OpenHistory(std::unique_ptr<event_log::Log> log, std::filesystem::path checkpoint,
              std::optional<event_log::TornEnd> torn_end, std::filesystem::path missing_lock = {})
      : checkpoint_(std::move(checkpoint)),
        missing_lock_(std::move(missing_lock)),
        log_(std::move(log)),
        torn_end_(std::move(torn_end)) {}
  ~OpenHistory();
  OpenHistory(OpenHistory&& other) noexcept;
  OpenHistory& operator=(OpenHistory&&) = delete;

  event_log::Log& log() { return *log_; }
  /// Whether a process held the directory when it was opened, or one has come to it where that
  /// could not be kept from happening.
  bool is_in_use() const {
    std::error_code ignored;
    return !checkpoint_.empty() ||
           (!missing_lock_.empty() && std::filesystem::exists(missing_lock_, ignored));
  }
  /// What was left out at the end. Not of a directory in use: its holder may just be writing there.
  const std::optional<event_log::TornEnd>& torn_end() const { return torn_end_; }

 private:
  std::filesystem::path checkpoint_;    ///< empty: there is none
  std::filesystem::path missing_lock_;  ///< empty: there is one
  std::unique_ptr<event_log::Log> log_;
  std::optional<event_log::TornEnd> torn_end_;
};

/// The history in `directory`: by way of a checkpoint where a process holds it, else as it lies
/// there. The error is for an operator.
[[nodiscard]] std::expected<OpenHistory, std::string> open_history(
    const std::filesystem::path& directory);

/// The other half, for the process that holds `directory`: what its control server does when it is
/// asked for a `checkpoint`. Deletes what readers left behind that were killed.
[[nodiscard]] control::Handler checkpoint_handler(std::filesystem::path directory);

}  // namespace boxoffice::replay
