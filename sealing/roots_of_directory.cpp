// That a directory is used with the roots it was made with: under others no token is valid and
// nobody is recognized, which nobody would notice before the first complaint.

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <sstream>

#include "sealing/hashing.hpp"
#include "sealing/sealing.hpp"

namespace boxoffice::sealing {
namespace {

namespace fs = std::filesystem;

/// Tells one root from another and says nothing about it.
std::string fingerprint(const Secret& root) {
  return to_text(Mac(subkey(root, "fingerprint").bytes).of("boxoffice")).substr(0, 16);
}

std::string line(std::string_view setting, const Secret& root) {
  return std::string(setting) + " " + fingerprint(root) + "\n";
}

bool write_synced(const fs::path& path, std::string_view text) {
  const fs::path draft = path.string() + ".new";
  const int file = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return false;
  const bool written =
      ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      ::fsync(file) == 0;
  ::close(file);
  return written && std::rename(draft.c_str(), path.c_str()) == 0;
}

}  // namespace

std::string fingerprints(const Roots& roots) {
  return line("master-key", roots.master) + line("pepper", roots.pepper);
}

std::expected<void, std::string> check_fingerprints(std::string_view kept, std::string_view of_what,
                                                    const Roots& roots) {
  for (const auto& [setting, expected] : {std::pair{"master-key", line("master-key", roots.master)},
                                          std::pair{"pepper", line("pepper", roots.pepper)}})
    if (kept.find(expected) == std::string_view::npos)
      return std::unexpected(std::string("setting ") + setting + ": is not the one that " +
                             std::string(of_what) + " was made with");
  return {};
}

std::expected<std::optional<std::string>, std::string> kept_fingerprints(
    const fs::path& directory) {
  const fs::path path = directory / kRootsCheck;
  std::error_code error;
  if (!fs::exists(path, error) && !error) return std::nullopt;
  std::stringstream kept;
  if (std::ifstream file(path); !file || !(kept << file.rdbuf()))
    return std::unexpected(path.string() + ": cannot be read");
  return kept.str();
}

std::expected<void, std::string> keep_fingerprints(const fs::path& directory,
                                                   std::string_view fingerprints) {
  const auto kept = kept_fingerprints(directory);
  if (!kept) return std::unexpected(kept.error());
  if (*kept == fingerprints) return {};
  if (*kept) return std::unexpected(directory.string() + " was made with other secrets");
  if (write_synced(directory / kRootsCheck, fingerprints)) return {};
  return std::unexpected((directory / kRootsCheck).string() + ": cannot be written");
}

std::expected<void, std::string> check_roots(const fs::path& directory, const Roots& roots) {
  const auto kept = kept_fingerprints(directory);
  if (!kept) return std::unexpected(kept.error());
  if (*kept) return check_fingerprints(**kept, directory.string(), roots);
  return keep_fingerprints(directory, fingerprints(roots));
}

}  // namespace boxoffice::sealing
