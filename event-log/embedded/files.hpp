#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "event-log/log.hpp"

/// The few operations of a file system that the log needs, so that a test can let each of them
/// fail. Errors are `unavailable`, with the path and the system's words.
namespace boxoffice::event_log::embedded {

/// A file mapped for reading, until destroyed.
class Mapping {
 public:
  virtual ~Mapping() = default;
  virtual std::span<const char> bytes() const = 0;
  /// Takes what was looked at out of the process's memory until it is looked at again.
  virtual void let_go() const = 0;
};

/// Thread-safe as far as ranges do not overlap.
class File {
 public:
  virtual ~File() = default;
  [[nodiscard]] virtual Result<std::uint64_t> size() = 0;
  /// Returns how much was read: less than asked for only at the end of the file.
  [[nodiscard]] virtual Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) = 0;
  [[nodiscard]] virtual Result<void> write_at(std::uint64_t offset, std::string_view bytes) = 0;
  /// After an error nothing is known of what was written since the last success, whatever a read
  /// then shows.
  [[nodiscard]] virtual Result<void> sync() = 0;
  [[nodiscard]] virtual Result<void> truncate(std::uint64_t size) = 0;
  [[nodiscard]] virtual Result<std::unique_ptr<Mapping>> map() = 0;
  /// An exclusive (for a writer) or shared lock, given back when the file is closed. False: another
  /// process has it.
  [[nodiscard]] virtual Result<bool> lock(bool exclusive) = 0;
};

enum class OpenMode { read, write, create };  // `create` makes it (0600) or empties what is there

/// Thread-safe.
class Files {
 public:
  virtual ~Files() = default;
  [[nodiscard]] virtual Result<std::unique_ptr<File>> open(const std::filesystem::path& path,
                                                           OpenMode mode) = 0;
  [[nodiscard]] virtual Result<bool> exists(const std::filesystem::path& path) = 0;
  /// With the missing ones above it, mode 0700.
  [[nodiscard]] virtual Result<void> make_directory(const std::filesystem::path& path) = 0;
  [[nodiscard]] virtual Result<void> sync_directory(const std::filesystem::path& path) = 0;
  [[nodiscard]] virtual Result<std::vector<std::string>> names_in(
      const std::filesystem::path& directory) = 0;
  [[nodiscard]] virtual Result<void> rename(const std::filesystem::path& from,
                                            const std::filesystem::path& to) = 0;
  [[nodiscard]] virtual Result<void> remove(const std::filesystem::path& path) = 0;
};

/// The operating system's.
[[nodiscard]] Files& real_files();

/// The whole of a small file.
[[nodiscard]] Result<std::string> contents(Files& files, const std::filesystem::path& path);

/// Makes `path` appear durably and whole, or not at all.
[[nodiscard]] Result<void> publish(Files& files, const std::filesystem::path& path,
                                   std::string_view bytes);

}  // namespace boxoffice::event_log::embedded
