#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <vector>

#include "events-schema/values.hpp"

namespace boxoffice::gateway {

/// How far of each partition this gateway has told clients what was decided; and of what is read
/// back by many (occasions, keys) apart, which is rarely more than any projector has. Thread-safe.
class Told {
 public:
  explicit Told(std::uint16_t partitions) : through_(partitions), changes_(partitions) {}

  void note(schema::Position position) { raise(through_, position); }
  void note_change(schema::Position position) { raise(changes_, position); }

  schema::Position through(schema::Partition partition) const {
    return {partition, {through_[partition.value].load()}};
  }

  /// Of that partition, or of all.
  std::vector<schema::Position> changes(std::optional<schema::Partition> of) const {
    std::vector<schema::Position> positions;
    for (std::uint16_t i = 0; i < changes_.size(); ++i)
      if (const std::uint64_t told = changes_[i].load(); told > 0 && (!of || of->value == i))
        positions.push_back({{i}, {told}});
    return positions;
  }

 private:
  using Sequences = std::vector<std::atomic<std::uint64_t>>;

  static void raise(Sequences& told, schema::Position position) {
    std::atomic<std::uint64_t>& through = told[position.partition.value];
    std::uint64_t known = through.load(std::memory_order_relaxed);
    while (known < position.sequence.value &&
           !through.compare_exchange_weak(known, position.sequence.value)) {
    }
  }

  Sequences through_;
  Sequences changes_;
};

}  // namespace boxoffice::gateway
