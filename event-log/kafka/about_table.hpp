#pragma once

#include <map>
#include <mutex>

#include "event-log/kafka/ends.hpp"

namespace boxoffice::event_log::kafka {

class Cluster;

/// What the log says of itself, by name. Its lane has a record for each time that something was
/// said, until compaction takes those that were said anew: it is read once, and then what is new.
/// What stays in memory is one value for each name. Thread-safe.
class AboutTable {
 public:
  /// The value as of all that was committed when this was called.
  [[nodiscard]] Result<std::optional<std::string>> find(Cluster& cluster, Partition partition,
                                                        std::string_view name);

 private:
  Result<void> catch_up(Cluster& cluster, Lane lane);
  Result<void> read_to(std::int64_t end, Cluster& cluster, Lane lane, Deadline deadline);

  std::mutex mutex_;
  std::int64_t read_to_ = 0;                                // guarded by mutex_
  std::map<std::string, std::string, std::less<>> values_;  // guarded by mutex_
};

}  // namespace boxoffice::event_log::kafka
