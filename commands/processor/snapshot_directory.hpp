#pragma once

#include <filesystem>

#include "commands/processor/snapshot.hpp"

namespace boxoffice::processor {

/// `DIR/<partition>/<sequence>.snapshot`: written beside, as `next`, synced, renamed. Writing and
/// letting go are done so that syncs of other files on that disk hardly wait for them.
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
