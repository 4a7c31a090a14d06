#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "event-log/embedded/directory.hpp"

namespace boxoffice::app {

/// The data directory of a service whose log lies elsewhere, held until destroyed. What is in it
/// was made from that log, and `DIR/DEPLOYMENT` says which it is.
class LocalDirectory {
 public:
  /// Makes it where it is missing. Throws WrongSetting where it is another log's or an embedded one
  /// is in it, std::runtime_error where another process holds it.
  LocalDirectory(const std::filesystem::path& directory, std::string_view deployment);

 private:
  std::optional<event_log::embedded::DirectoryLock> lock_;
};

/// Throws WrongSetting.
void require_no_embedded_log(const std::filesystem::path& directory);

bool belongs_to_log_elsewhere(const std::filesystem::path& directory);

/// Refuses a directory that belongs to a log elsewhere: an embedded log must not be begun in it.
/// Throws WrongSetting.
void require_no_log_elsewhere(const std::filesystem::path& directory);

}  // namespace boxoffice::app
