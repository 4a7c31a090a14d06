#include "rocks/steady_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <thread>

namespace boxoffice::rocks {
namespace {

using rocksdb::FileSystemWrapper;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

constexpr off_t kPieceBytes = off_t{1} << 20;

/// A file that has another name is that one's, too. One that cannot be cut is simply deleted. The
/// disk is others' for as long after each piece as it took.
void cut(int descriptor) {
  using Clock = std::chrono::steady_clock;
  struct stat status {};
  if (::fstat(descriptor, &status) != 0 || status.st_nlink > 1) return;
  for (off_t end = status.st_size - kPieceBytes; end > 0; end -= kPieceBytes) {
    const auto begun = Clock::now();
    if (::ftruncate(descriptor, end) != 0 || ::fsync(descriptor) != 0) return;
    std::this_thread::sleep_for(Clock::now() - begun);
  }
}

class SteadyFiles final : public FileSystemWrapper {
 public:
  using FileSystemWrapper::FileSystemWrapper;
  const char* Name() const override { return "boxoffice.steady"; }

  IOStatus DeleteFile(const std::string& name, const IOOptions& options,
                      IODebugContext* context) override {
    const int descriptor = ::open(name.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor >= 0) {
      cut(descriptor);
      ::close(descriptor);
    }
    return FileSystemWrapper::DeleteFile(name, options, context);
  }
};

}  // namespace

std::shared_ptr<rocksdb::FileSystem> steady_files() {
  return std::make_shared<SteadyFiles>(rocksdb::FileSystem::Default());
}

}  // namespace boxoffice::rocks
