#include "app/serve/ready_file.hpp"

#include <fmt/format.h>

#include <fstream>

#include "app/settings/settings.hpp"

namespace boxoffice::app {

ReadyFile::ReadyFile(std::optional<std::filesystem::path> path) : path_(std::move(path)) {
  remove();
}

void ReadyFile::follow(bool is_ready, std::string_view listen) {
  if (!path_ || is_ready == is_there_) return;
  if (!is_ready) return remove();
  is_there_ = put(listen.empty() ? "{}\n" : fmt::format("{{\"listen\":\"{}\"}}\n", listen));
  if (!is_there_ && !was_there_)
    throw WrongSetting(fmt::format("setting ready-file: cannot write {}", path_->string()));
  // The service goes on: whoever looks finds it unready until the disk has room again.
  was_there_ = true;
}

bool ReadyFile::put(std::string_view content) const {
  const std::filesystem::path beside = path_->string() + ".new";
  {
    std::ofstream file(beside);
    file << content;
    if (!file.flush()) return false;
  }
  std::error_code error;
  std::filesystem::rename(beside, *path_, error);
  return !error;
}

void ReadyFile::remove() {
  is_there_ = false;
  std::error_code ignored;  // where it cannot be removed, it could not be written either
  if (path_) std::filesystem::remove(*path_, ignored);
}

}  // namespace boxoffice::app
