#pragma once

#include <array>

#include "bench/log_layout/layout.hpp"

namespace boxoffice::bench {

/// Claims as the service writes them (some 830 bytes each), in partitions of their own order.
class Events {
 public:
  /// The next event of the partition, onto the end of `batch`.
  void add_to(Batch& batch, Partition partition);
  /// The next event of the partition is the one after `end`.
  void begin_after(Partition partition, schema::Sequence end) {
    ends_[partition.value] = end.value;
  }

 private:
  std::array<std::uint64_t, kPartitions> ends_{};
};

/// What a read model does first with each event: reads it, and sees that it is the next.
class Fold {
 public:
  void take(std::string_view value);
  std::uint64_t events() const { return events_; }

 private:
  std::array<std::uint64_t, kPartitions> ends_{};
  std::uint64_t events_ = 0;
  schema::Envelope envelope_;
  schema::Event event_;
};

}  // namespace boxoffice::bench
