#pragma once

#include <sys/resource.h>

namespace boxoffice::bench {

/// By all threads of this process so far, in seconds.
inline double cpu_spent() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace boxoffice::bench
