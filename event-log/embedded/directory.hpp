#pragma once

#include <memory>
#include <string>

#include "event-log/embedded/files.hpp"

/// What a data directory says of itself:
///
///     DIR/FORMAT     "boxoffice 1": which program can read what is here
///     DIR/LOCK       locked by the process that holds the directory, with its id
///     DIR/log/META   the deployment's name and the number of partitions
///     DIR/log/…      segments and their indexes
namespace boxoffice::event_log::embedded {

struct Deployment {
  std::string name;
  std::uint16_t partitions = 0;
};

/// A directory that this process holds (or, for reading, keeps others from holding), until
/// destroyed.
struct HeldDirectory {
  std::filesystem::path log;
  Deployment deployment;
  std::unique_ptr<File> lock;
};

/// Makes what is missing. `partitions` is for a new log.
[[nodiscard]] Result<HeldDirectory> hold_for_writing(Files& files,
                                                     const std::filesystem::path& directory,
                                                     std::uint16_t partitions);

/// Makes and changes nothing. Several may hold a directory for reading.
[[nodiscard]] Result<HeldDirectory> hold_for_reading(Files& files,
                                                     const std::filesystem::path& directory);

}  // namespace boxoffice::event_log::embedded
