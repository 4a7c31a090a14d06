#include "app/serve/ready_file.hpp"

#include <fmt/format.h>

#include <fstream>

#include "app/settings/settings.hpp"

namespace boxoffice::app {

ReadyFile::ReadyFile(std::optional<std::filesystem::path> path) : path_(std::move(path)) {
  remove();
  if (!path_) return;
  std::error_code ignored;
  const bool can_be_put = !std::filesystem::is_directory(*path_, ignored) && write_beside("");
  std::filesystem::remove(beside(), ignored);
  if (!can_be_put)
    throw WrongSetting(fmt::format("setting ready-file: cannot write {}", path_->string()));
}

void ReadyFile::follow(bool is_ready, std::string_view listen) {
  if (!path_ || is_ready == is_there_) return;
  if (!is_ready) return remove();
  // Where it fails the service goes on: whoever looks finds it unready until the disk has room.
  is_there_ = put(listen.empty() ? "{}\n" : fmt::format("{{\"listen\":\"{}\"}}\n", listen));
}

bool ReadyFile::write_beside(std::string_view content) const {
  std::ofstream file(beside());
  file << content;
  return static_cast<bool>(file.flush());
}

bool ReadyFile::put(std::string_view content) const {
  if (!write_beside(content)) return false;
  std::error_code error;
  std::filesystem::rename(beside(), *path_, error);
  return !error;
}

void ReadyFile::remove() {
  is_there_ = false;
  std::error_code ignored;  // where it cannot be removed, it could not be written either
  if (path_ && !std::filesystem::is_directory(*path_, ignored))
    std::filesystem::remove(*path_, ignored);
}

}  // namespace boxoffice::app
