#pragma once

#include <filesystem>
#include <functional>

/// The store of read models in memory, for the deterministic simulator: nothing in it depends on
/// time, threads or addresses. It is linked in place of RocksDB's, and has its semantics: what was
/// committed but not flushed is gone after a crash, for all tables alike. Not thread-safe.
///
/// A directory is the name of a disk in memory, which outlives the stores that are opened on it. A
/// crash is: drop the store and all that came from it, open the directory again.
namespace boxoffice::projections {

/// The plan of what goes wrong: each is asked when its time has come. An empty one means that all
/// goes well. Either may throw, where the process would have died.
struct StoreFaults {
  /// Before anything is written. True: the call is `unavailable`, and changed nothing.
  std::function<bool()> write_fails;
  /// After a commit: whether all is flushed now, as when RocksDB's memtables are full.
  std::function<bool()> flushes;
};

/// Of all stores on that disk from now on, the open one included.
void plan_faults(const std::filesystem::path& directory, StoreFaults faults);

/// Removes the disk. REQUIRES: nothing of a store on it is there anymore.
void remove_disk(const std::filesystem::path& directory);

}  // namespace boxoffice::projections
