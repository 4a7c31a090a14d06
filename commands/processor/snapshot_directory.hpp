#pragma once

#include <filesystem>

#include "commands/processor/snapshot.hpp"

namespace boxoffice::processor {

/// `DIR/<partition>/<sequence>.snapshot`: written beside, synced, renamed.
class SnapshotDirectory final : public SnapshotStore {
 public:
  explicit SnapshotDirectory(std::filesystem::path directory);

  bool save(schema::Position position, WriteTo frame) override;
  std::vector<schema::Sequence> list(schema::Partition partition) override;
  std::optional<Frame> read(schema::Position position) override;

 private:
  std::filesystem::path folder_of(schema::Partition partition) const;
  std::filesystem::path file_of(schema::Position position) const;

  const std::filesystem::path directory_;
};

}  // namespace boxoffice::processor
