#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

namespace boxoffice::app {

/// The file that is there for as long as a process is ready, and only then: what a crash left
/// behind is removed at once. Without a path it does nothing.
class ReadyFile {
 public:
  /// Throws WrongSetting where it could not be written.
  explicit ReadyFile(std::optional<std::filesystem::path> path);
  ~ReadyFile() { remove(); }
  ReadyFile(const ReadyFile&) = delete;
  ReadyFile& operator=(const ReadyFile&) = delete;

  /// From now on it is there, whole, or it is not. It says where the process listens:
  /// `127.0.0.1:8080`; empty: nothing does, and it holds `{}`. Where it cannot be written that is
  /// tried again at the next call.
  void follow(bool is_ready, std::string_view listen);
  void remove();

 private:
  std::filesystem::path beside() const { return path_->string() + ".new"; }
  bool write_beside(std::string_view content) const;
  bool put(std::string_view content) const;

  std::optional<std::filesystem::path> path_;
  bool is_there_ = false;
};

}  // namespace boxoffice::app
