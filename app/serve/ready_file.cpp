#include "app/serve/ready_file.hpp"

#include <fmt/format.h>

#include <fstream>

#include "app/settings/settings.hpp"

namespace boxoffice::app {

ReadyFile::ReadyFile(std::optional<std::filesystem::path> path) : path_(std::move(path)) {
  remove();
}

void ReadyFile::write(std::string_view listen) const {
  put(fmt::format("{{\"listen\":\"{}\"}}\n", listen));
}

void ReadyFile::write_that_nothing_listens() const { put("{}\n"); }

void ReadyFile::put(std::string_view content) const {
  if (!path_) return;
  const std::filesystem::path beside = path_->string() + ".new";
  {
    std::ofstream file(beside);
    file << content;
    if (!file.flush())
      throw WrongSetting(fmt::format("setting ready-file: cannot write {}", beside.string()));
  }
  std::filesystem::rename(beside, *path_);
}

void ReadyFile::remove() const {
  std::error_code ignored;  // where it cannot be removed, it could not be written either
  if (path_) std::filesystem::remove(*path_, ignored);
}

}  // namespace boxoffice::app
