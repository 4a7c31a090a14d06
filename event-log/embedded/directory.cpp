#include "event-log/embedded/directory.hpp"

#include <unistd.h>

#include <charconv>
#include <random>

namespace boxoffice::event_log::embedded {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFormat = "boxoffice 1\n";
constexpr std::size_t kNameLength = 12;

std::unexpected<LogError> error(LogErrorKind kind, std::string message) {
  return std::unexpected(LogError{kind, std::move(message)});
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

Result<void> check_format(const fs::path& path, const std::string& found) {
  if (found == kFormat) return {};
  return error(LogErrorKind::wrong_format,
               path.string() + " says \"" + first_line(found) + "\", and this program reads \"" +
                   first_line(std::string(kFormat)) +
                   "\": use the version that wrote it, or another directory");
}

Result<void> take_lock(Files& files, File& lock, const fs::path& path, bool exclusive) {
  const auto taken = lock.lock(exclusive);
  if (!taken) return std::unexpected(taken.error());
  if (*taken) return {};
  const auto holder = contents(files, path);
  const std::string pid = holder && !holder->empty() ? first_line(*holder) : "unknown";
  return error(LogErrorKind::in_use, path.parent_path().string() + " is held by process " + pid +
                                         ": stop it first, or use another directory");
}

std::string random_name() {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789";
  std::random_device random;
  std::uniform_int_distribution<std::size_t> letter(0, kLetters.size() - 1);
  std::string name;
  while (name.size() < kNameLength) name += kLetters[letter(random)];
  return name;
}

std::string encode(const Deployment& deployment) {
  return "deployment " + deployment.name + "\npartitions " + std::to_string(deployment.partitions) +
         "\n";
}

/// Takes what stands in `text` between `label` and the line's end.
std::optional<std::string_view> take_line(std::string_view& text, std::string_view label) {
  const std::size_t end = text.find('\n');
  if (!text.starts_with(label) || end == std::string_view::npos) return std::nullopt;
  const std::string_view value = text.substr(label.size(), end - label.size());
  text.remove_prefix(end + 1);
  return value;
}

Result<Deployment> read_deployment(Files& files, const fs::path& path) {
  const auto text = contents(files, path);
  if (!text) return std::unexpected(text.error());
  std::string_view rest = *text;
  const auto name = take_line(rest, "deployment ");
  const auto partitions = take_line(rest, "partitions ");
  std::uint16_t count = 0;
  if (name && partitions)
    std::from_chars(partitions->data(), partitions->data() + partitions->size(), count);
  if (!name || name->size() != kNameLength || count == 0 || !rest.empty())
    return error(LogErrorKind::corrupt,
                 path.string() + " is damaged: restore it from a copy of the directory");
  return Deployment{.name = std::string(*name), .partitions = count};
}

Result<bool> has_segments(Files& files, const fs::path& log) {
  const auto names = files.names_in(log);
  if (!names) return std::unexpected(names.error());
  for (const std::string& name : *names)
    if (name.ends_with(".log")) return true;
  return false;
}

/// FORMAT first, then META: where a crash comes between, the next opening goes on.
Result<Deployment> make_missing(Files& files, const fs::path& directory, const fs::path& log,
                                const Deployment& wanted) {
  if (auto made = files.make_directory(log); !made) return std::unexpected(made.error());
  const auto segments = has_segments(files, log);
  if (!segments) return std::unexpected(segments.error());

  const fs::path format = directory / "FORMAT";
  const auto formatted = files.exists(format);
  if (!formatted) return std::unexpected(formatted.error());
  if (!*formatted) {
    if (*segments)
      return error(LogErrorKind::wrong_format,
                   format.string() + " is missing beside a log: restore it from a copy");
    if (auto made = publish(files, format, kFormat); !made) return std::unexpected(made.error());
  }

  const fs::path meta = log / "META";
  const auto described = files.exists(meta);
  if (!described) return std::unexpected(described.error());
  if (!*described) {
    if (*segments)
      return error(LogErrorKind::corrupt,
                   meta.string() + " is missing beside segments: restore it from a copy");
    const Deployment deployment{.name = wanted.name.empty() ? random_name() : wanted.name,
                                .partitions = wanted.partitions};
    if (auto made = publish(files, meta, encode(deployment)); !made)
      return std::unexpected(made.error());
  }
  return read_deployment(files, meta);
}

/// A copy made by hand may have none, and reading makes none: nobody is kept from it then.
Result<DirectoryLock> lock_for_reading(Files& files, const fs::path& path) {
  const auto there = files.exists(path);
  if (!there) return std::unexpected(there.error());
  if (!*there) return DirectoryLock::of_reader(nullptr);
  auto file = files.open(path, OpenMode::read);
  if (!file) return std::unexpected(file.error());
  if (auto taken = take_lock(files, **file, path, false); !taken)
    return std::unexpected(taken.error());
  return DirectoryLock::of_reader(std::move(*file));
}

Result<void> check_format_if_there(Files& files, const fs::path& path) {
  const auto there = files.exists(path);
  if (!there) return std::unexpected(there.error());
  if (!*there) return {};
  const auto found = contents(files, path);
  if (!found) return std::unexpected(found.error());
  return check_format(path, *found);
}

}  // namespace

DirectoryLock::~DirectoryLock() {
  // Where that fails the name of somebody who is gone stays: nobody goes by it.
  if (file_ && names_holder_) (void)file_->truncate(0);
}

Result<DirectoryLock> lock_directory(Files& files, const fs::path& directory) {
  if (auto made = files.make_directory(directory); !made) return std::unexpected(made.error());
  const fs::path path = directory / "LOCK";
  const auto there = files.exists(path);
  if (!there) return std::unexpected(there.error());
  // An existing file is not emptied: it names the process that may hold it.
  auto lock = files.open(path, *there ? OpenMode::write : OpenMode::create);
  if (!lock) return std::unexpected(lock.error());
  if (auto taken = take_lock(files, **lock, path, true); !taken)
    return std::unexpected(taken.error());
  if (auto emptied = (*lock)->truncate(0); !emptied) return std::unexpected(emptied.error());
  if (auto written = (*lock)->write_at(0, std::to_string(::getpid()) + "\n"); !written)
    return std::unexpected(written.error());
  return DirectoryLock::of_writer(std::move(*lock));
}

Result<HeldDirectory> hold_for_writing(Files& files, const fs::path& directory,
                                       const Deployment& made) {
  if (auto made = files.make_directory(directory); !made) return std::unexpected(made.error());
  if (auto format = check_format_if_there(files, directory / "FORMAT"); !format)
    return std::unexpected(format.error());
  auto lock = lock_directory(files, directory);
  if (!lock) return std::unexpected(lock.error());

  HeldDirectory held{.log = directory / "log", .deployment = {}, .lock = std::move(*lock)};
  auto deployment = make_missing(files, directory, held.log, made);
  if (!deployment) return std::unexpected(deployment.error());
  held.deployment = std::move(*deployment);
  return held;
}

Result<HeldDirectory> hold_for_reading(Files& files, const fs::path& directory) {
  const auto format = contents(files, directory / "FORMAT");
  if (!format)
    return error(LogErrorKind::wrong_format, directory.string() + " holds no log of Boxoffice (" +
                                                 format.error().message + ")");
  if (auto checked = check_format(directory / "FORMAT", *format); !checked)
    return std::unexpected(checked.error());
  auto lock = lock_for_reading(files, directory / "LOCK");
  if (!lock) return std::unexpected(lock.error());
  HeldDirectory held{.log = directory / "log", .deployment = {}, .lock = std::move(*lock)};
  auto deployment = read_deployment(files, held.log / "META");
  if (!deployment) return std::unexpected(deployment.error());
  held.deployment = std::move(*deployment);
  return held;
}

}  // namespace boxoffice::event_log::embedded
