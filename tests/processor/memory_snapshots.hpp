#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "commands/processor/snapshot.hpp"

namespace boxoffice::processor {

/// nullopt: it was stopped on its way.
inline std::optional<std::string> gathered(const WriteTo& frame) {
  std::string bytes;
  const bool whole = frame([&](std::string_view piece) {
    bytes.append(piece);
    return true;
  });
  return whole ? std::optional(std::move(bytes)) : std::nullopt;
}

inline std::string framed(const SnapshotHead& head, std::string_view state) {
  return *gathered([&](const domain::Sink& sink) {
    return write_frame(
        head, [&](const domain::Sink& to) { return to(state); }, sink);
  });
}

/// A folder of snapshots without a disk.
class MemorySnapshots final : public SnapshotStore {
 public:
  bool save(schema::Position position, WriteTo frame) override {
    if (full) return false;
    auto bytes = gathered(frame);
    if (!bytes) return false;
    keep(position, std::move(*bytes));
    return true;
  }
  void keep(schema::Position position, std::string frame) {
    const std::lock_guard lock(mutex_);
    frames[position] = std::move(frame);
    std::size_t kept = 0;
    for (const schema::Sequence sequence : list(position.partition)) {
      if (++kept > 2) frames.erase({position.partition, sequence});
    }
  }

  std::vector<schema::Sequence> list(schema::Partition partition) override {
    const std::lock_guard lock(mutex_);
    std::vector<schema::Sequence> sequences;
    for (const auto& [position, frame] : frames)
      if (position.partition == partition) sequences.push_back(position.sequence);
    std::ranges::sort(sequences, std::greater{});
    return sequences;
  }

  std::optional<Frame> read(schema::Position position) override {
    const std::lock_guard lock(mutex_);
    const auto found = frames.find(position);
    if (found == frames.end()) return std::nullopt;
    const auto copy = std::make_shared<const std::string>(found->second);
    return Frame{.bytes = *copy, .kept_by = copy};
  }

  std::map<schema::Position, std::string> frames;
  bool full = false;

 private:
  std::recursive_mutex mutex_;  // of the frames: partitions are saved side by side
};

}  // namespace boxoffice::processor
