#pragma once

#include <functional>
#include <memory>

#include "commands/processor/snapshot_topic.hpp"
#include "commands/processor/travelling_keys.hpp"
#include "tests/simulation/cluster/cluster.hpp"
#include "tests/simulation/cluster/distant_side_topic.hpp"

namespace boxoffice::simulation {

/// What the owner of a partition leaves for the next one, on topics beside the log.
class Travelling {
 public:
  struct Process {
    Cluster& cluster;
    /// Is called in the midst of each request: the process may end, or be left there.
    std::function<void()> request;
  };

  /// `own_keys`: the memory of this machine.
  Travelling(Process process, schema::Partition partition, const event_log::Log& log,
             processor::KeyMemory& own_keys);

  processor::SnapshotStore& snapshots() { return snapshots_; }
  processor::KeyMemory& keys() { return *keys_; }

  /// What is on its way, or some of it.
  void arrive();

 private:
  DistantSideTopic::Faults faults() const;

  const Process process_;
  Cluster& cluster_;
  DistantSideTopic snapshot_topic_;
  DistantSideTopic key_topic_;
  processor::SnapshotTopic snapshots_;
  processor::TravellingKeys travelling_;
  std::unique_ptr<processor::KeyMemory> gullible_;  ///< what is planted; null: nothing is
  processor::KeyMemory* keys_ = &travelling_;
};

}  // namespace boxoffice::simulation
