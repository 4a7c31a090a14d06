#include "tests/log/directories.hpp"

#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

namespace boxoffice::event_log::testing {

TemporaryDirectory::TemporaryDirectory() {
  // In memory where that is possible: these tests sync some ten thousand times, and none needs a
  // disk for it.
  const std::filesystem::path memory = "/dev/shm";
  const auto parent =
      ::access(memory.c_str(), W_OK) == 0 ? memory : std::filesystem::temp_directory_path();
  std::string name = parent / "boxoffice-log-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
  path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace boxoffice::event_log::testing
