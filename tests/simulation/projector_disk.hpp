#pragma once

#include <filesystem>
#include <functional>

namespace boxoffice::simulation {

/// Where a projector keeps its rows: the part that outlives its crashes. There are two of them, and
/// the linker chooses: in memory, with faults (memory_disk.cpp), and RocksDB's in a temporary
/// directory, without (rocksdb_disk.cpp).
class ProjectorDisk {
 public:
  ProjectorDisk();
  ~ProjectorDisk();
  ProjectorDisk(const ProjectorDisk&) = delete;
  ProjectorDisk& operator=(const ProjectorDisk&) = delete;

  const std::filesystem::path& path() const { return path_; }

  /// `write_fails` may also throw, as a crash. `flushes`: all that was committed is kept now.
  void plan_faults(std::function<bool()> write_fails, std::function<bool()> flushes);

 private:
  std::filesystem::path path_;
};

}  // namespace boxoffice::simulation
