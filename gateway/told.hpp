#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "events-schema/values.hpp"

namespace boxoffice::gateway {

/// How far of each partition this gateway has told clients what was decided. Thread-safe.
class Told {
 public:
  explicit Told(std::uint16_t partitions) : through_(partitions) {}

  void note(schema::Position position) {
    std::atomic<std::uint64_t>& through = through_[position.partition.value];
    std::uint64_t known = through.load(std::memory_order_relaxed);
    while (known < position.sequence.value &&
           !through.compare_exchange_weak(known, position.sequence.value)) {
    }
  }

  schema::Position through(schema::Partition partition) const {
    return {partition, {through_[partition.value].load()}};
  }

 private:
  std::vector<std::atomic<std::uint64_t>> through_;
};

}  // namespace boxoffice::gateway
