#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "event-log/side_topic.hpp"

namespace boxoffice::event_log {

/// A side topic in memory, for tests and the simulator. It outlives whoever uses it, as a cluster
/// does.
class MemorySideTopic final : public SideTopic {
 public:
  /// Asked at each call; an empty one means that all goes well.
  struct Faults {
    std::function<bool()> send_fails;  ///< the record is not taken
    std::function<bool()> loses;       ///< the record was taken, and never arrives
    std::function<bool()> read_fails;  ///< of all that reads
    std::function<bool()> trim_fails;
  };

  explicit MemorySideTopic(std::uint16_t partitions, Faults faults = {});

  std::unique_ptr<Sending> send_to(Partition partition) override;
  Result<Range> range(Partition partition) override;
  Result<std::uint64_t> first_at(Partition partition, schema::Instant time) override;
  Result<void> read(Partition partition, std::uint64_t from, std::uint64_t to,
                    const SideVisitor& visit) override;
  Result<void> trim(Partition partition, std::uint64_t before) override;

  /// To be damaged, doubled or lost: all of a partition's values.
  std::vector<std::string>& values(Partition partition) { return kept_[partition.value].values; }
  /// Bytes that were handed to readers so far.
  std::uint64_t bytes_read() const { return bytes_read_; }

 private:
  class Way;
  struct Kept {
    std::uint64_t first = 0;
    std::vector<std::string> values;
    std::vector<schema::Instant> times;
    std::uint64_t end() const { return first + values.size(); }
  };

  const Faults faults_;
  std::mutex mutex_;
  std::vector<Kept> kept_;        // guarded by mutex_
  std::uint64_t bytes_read_ = 0;  // guarded by mutex_
};

}  // namespace boxoffice::event_log
