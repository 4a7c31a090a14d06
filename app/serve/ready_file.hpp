#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

namespace boxoffice::app {

/// The file that says where the service listens, for as long as it is ready, and only then: what a
/// crash left behind is removed at once. Without a path it does nothing.
class ReadyFile {
 public:
  explicit ReadyFile(std::optional<std::filesystem::path> path);
  ~ReadyFile() { remove(); }
  ReadyFile(const ReadyFile&) = delete;
  ReadyFile& operator=(const ReadyFile&) = delete;

  /// Appears whole or not at all. `listen`: `127.0.0.1:8080`. Throws WrongSetting.
  void write(std::string_view listen) const;
  /// `{}`.
  void write_that_nothing_listens() const;
  void remove() const;

 private:
  void put(std::string_view content) const;

  std::optional<std::filesystem::path> path_;
};

}  // namespace boxoffice::app
