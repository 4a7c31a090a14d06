#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <utility>

#include "commands/processor/snapshot.hpp"

namespace boxoffice::processor {

/// A folder of snapshots without a disk.
class MemorySnapshots final : public SnapshotStore {
 public:
  bool save(schema::Position position, std::string_view frame) override {
    if (full) return false;
    frames[position] = frame;
    std::size_t kept = 0;
    for (const schema::Sequence sequence : list(position.partition)) {
      if (++kept > 2) frames.erase({position.partition, sequence});
    }
    return true;
  }

  std::vector<schema::Sequence> list(schema::Partition partition) override {
    std::vector<schema::Sequence> sequences;
    for (const auto& [position, frame] : frames)
      if (position.partition == partition) sequences.push_back(position.sequence);
    std::ranges::sort(sequences, std::greater{});
    return sequences;
  }

  std::optional<std::string> read(schema::Position position) override {
    const auto found = frames.find(position);
    if (found == frames.end()) return std::nullopt;
    return found->second;
  }

  std::map<schema::Position, std::string> frames;
  bool full = false;
};

}  // namespace boxoffice::processor
