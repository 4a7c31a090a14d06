#include "app/serve/open_files.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <cstdint>

namespace boxoffice::app {

std::size_t raise_limit_of_open_files() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return SIZE_MAX;
  const rlimit raised{.rlim_cur = limit.rlim_max, .rlim_max = limit.rlim_max};
  const bool done = ::setrlimit(RLIMIT_NOFILE, &raised) == 0;
  const rlim_t files = done ? limit.rlim_max : limit.rlim_cur;
  return files == RLIM_INFINITY ? SIZE_MAX : files;
}

// Read models and memories of keys keep up to 768 tables open, 256 connections are being told that
// they are too many, and a segment of the log is a file for each 256 MB.
std::size_t files_kept_from_connections(std::size_t limit) {
  constexpr std::size_t kKept = 1536;
  return std::min(kKept, limit / 2);
}

}  // namespace boxoffice::app
