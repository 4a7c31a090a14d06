#pragma once

#include <cstddef>

/// How many files this process may have open, and how many of them may be connections.
namespace boxoffice::app {

/// Raises the limit to the most that the system allows this process, and returns it.
std::size_t raise_limit_of_open_files();

/// What connections must leave of so many files to the log, the read models, the memories of keys
/// and those who are told that there are too many connections.
std::size_t files_kept_from_connections(std::size_t limit);

}  // namespace boxoffice::app
