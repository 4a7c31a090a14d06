#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>

#include "event-log/log.hpp"

namespace boxoffice::bench {

using event_log::Batch;
using event_log::Partition;
using event_log::Position;

inline constexpr std::uint16_t kPartitions = 16;

/// Reads one partition in order; for one thread, while another appends.
class Follower {
 public:
  using Visit = std::function<void(std::string_view value)>;

  virtual ~Follower() = default;
  /// Shows what comes next, some 256 KB at most; returns how many events that were, 0 at the end.
  virtual std::size_t read(const Visit& visit) = 0;
};

/// A way of keeping the log on a disk. Throws std::runtime_error.
class Layout {
 public:
  virtual ~Layout() = default;
  /// Durable when it returns.
  virtual void append(const std::shared_ptr<const Batch>& batch) = 0;
  virtual std::unique_ptr<Follower> follow(Partition partition) = 0;
};

/// The embedded log's segments. Opens what is there.
std::unique_ptr<Layout> open_segments(const std::filesystem::path& directory);
/// RocksDB: one column family a partition, keys are sequences, each batch a synced `WriteBatch`.
std::unique_ptr<Layout> open_rocks(const std::filesystem::path& directory);

}  // namespace boxoffice::bench
