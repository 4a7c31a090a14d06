#pragma once

#include <sys/resource.h>

#include <csignal>
#include <stdexcept>

namespace boxoffice {

/// While it is there, every write of this process to a file fails that would make the file longer
/// than so many bytes (EFBIG: an error like EIO, with nothing said about space).
class SickDisk {
 public:
  explicit SickDisk(rlim_t file_bytes_max = 0) {
    // Else the kernel would end the process.
    if (std::signal(SIGXFSZ, SIG_IGN) == SIG_ERR || ::getrlimit(RLIMIT_FSIZE, &healthy_) != 0)
      throw std::runtime_error("cannot make the disk sick");
    set({.rlim_cur = file_bytes_max, .rlim_max = healthy_.rlim_max});
  }
  ~SickDisk() { ::setrlimit(RLIMIT_FSIZE, &healthy_); }
  SickDisk(const SickDisk&) = delete;
  SickDisk& operator=(const SickDisk&) = delete;

 private:
  static void set(const rlimit& limit) {
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0)
      throw std::runtime_error("cannot make the disk sick");
  }

  rlimit healthy_{};
};

}  // namespace boxoffice
