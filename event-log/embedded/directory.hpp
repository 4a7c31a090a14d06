#pragma once

#include <memory>
#include <string>

#include "event-log/embedded/files.hpp"

/// What a data directory says of itself:
///
///     DIR/FORMAT     "boxoffice 1": which program can read what is here
///     DIR/LOCK       locked by the process that holds the directory, with its id as long
///     DIR/log/META   the deployment's name and the number of partitions
///     DIR/log/…      segments and their indexes
namespace boxoffice::event_log::embedded {

struct Deployment {
  std::string name;
  std::uint16_t partitions = 0;
};

/// The locked file, given back when destroyed. A writer's names the process until then: an id left
/// behind would soon be another process's.
class DirectoryLock {
 public:
  /// `file` may be nullptr: there is nothing to lock.
  static DirectoryLock of_reader(std::unique_ptr<File> file) { return {std::move(file), false}; }
  static DirectoryLock of_writer(std::unique_ptr<File> file) { return {std::move(file), true}; }
  DirectoryLock(DirectoryLock&&) noexcept = default;
  ~DirectoryLock();

 private:
  DirectoryLock(std::unique_ptr<File> file, bool names_holder)
      : file_(std::move(file)), names_holder_(names_holder) {}

  std::unique_ptr<File> file_;
  bool names_holder_;
};

/// A directory that this process holds (or, for reading, keeps others from holding where it has a
/// LOCK), until destroyed.
struct HeldDirectory {
  std::filesystem::path log;
  Deployment deployment;
  DirectoryLock lock;
};

/// Makes `directory` where it is missing, and holds it for writing.
[[nodiscard]] Result<DirectoryLock> lock_directory(Files& files,
                                                   const std::filesystem::path& directory);

/// Makes what is missing. `made` is for a new log; without a name it gets one.
[[nodiscard]] Result<HeldDirectory> hold_for_writing(Files& files,
                                                     const std::filesystem::path& directory,
                                                     const Deployment& made);

/// Makes and changes nothing, a missing LOCK neither. Several may hold a directory for reading.
[[nodiscard]] Result<HeldDirectory> hold_for_reading(Files& files,
                                                     const std::filesystem::path& directory);

}  // namespace boxoffice::event_log::embedded
