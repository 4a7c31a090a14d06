#include "event-log/embedded/checkpoint.hpp"

#include <fstream>
#include <system_error>
#include <vector>

namespace boxoffice::event_log {
namespace {

namespace fs = std::filesystem;

std::unexpected<LogError> failed(const fs::path& path, const std::error_code& error) {
  return std::unexpected(LogError{LogErrorKind::unavailable,
                                  "the checkpoint " + path.string() + ": " + error.message()});
}

/// A file that is renamed when it is whole has another name before.
bool is_whole(const fs::path& name) { return name.extension() != ".tmp"; }

}  // namespace

Result<void> make_checkpoint(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::create_directories(to / "log", error);
  if (error) return failed(to, error);
  fs::permissions(to, fs::perms::owner_all, error);
  if (error) return failed(to, error);

  std::vector<fs::path> names;
  for (auto file = fs::directory_iterator(from / "log", error); !error && file != fs::end(file);
       file.increment(error))
    if (is_whole(file->path())) names.push_back(file->path().filename());
  if (error) return failed(to, error);
  for (const fs::path& name : names) {
    fs::create_hard_link(from / "log" / name, to / "log" / name, error);
    if (error) return failed(to, error);
  }
  fs::create_hard_link(from / "FORMAT", to / "FORMAT", error);
  if (error) return failed(to, error);
  // Its own: the one of `from` is held by whoever appends.
  if (!std::ofstream(to / "LOCK").put('\n'))
    return failed(to, std::make_error_code(std::errc::io_error));
  return {};
}

}  // namespace boxoffice::event_log
