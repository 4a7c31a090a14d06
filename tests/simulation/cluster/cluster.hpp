#pragma once

#include <memory>

#include "event-log/memory/broker_log.hpp"
#include "event-log/memory/memory_commands.hpp"
#include "event-log/memory/memory_side_topic.hpp"
#include "tests/simulation/cluster/cluster_plan.hpp"
#include "tests/simulation/cluster/group.hpp"
#include "tests/simulation/happenings.hpp"
#include "tests/simulation/medium.hpp"
#include "tests/simulation/planted.hpp"
#include "tests/simulation/random.hpp"

namespace boxoffice::simulation {

/// What outlives each process of a cluster: the brokers, and what they coordinate.
struct Cluster final : Medium {
  Cluster(const ClusterPlan& plan, Planted planted, Random& random);

  bool happens(unsigned permille) { return !is_calm && random.chance(permille); }
  /// What becomes of a request of some process's, while others arrive.
  event_log::Delivery fate_of(event_log::Request request);
  /// The true time, as clocks tell it that are never set.
  std::chrono::steady_clock::time_point steady_now() const {
    return std::chrono::steady_clock::time_point(now.time_since_epoch());
  }
  /// One tick: what is on its way comes about, perhaps. In calm, all of it.
  void tick();

  // For those who only read.
  std::unique_ptr<event_log::Log> open(std::function<bool()> read_fails) override;
  schema::Sequence end(schema::Partition partition) const override;
  bool hides_something() const override { return false; }

  /// A marker is written, or a late request processed; perhaps, unless it is calm.
  bool something_arrives();

  const ClusterPlan& plan;
  const Planted planted;
  Random& random;
  bool is_calm = false;
  Happenings happened;

  const std::shared_ptr<event_log::Broker> broker;
  event_log::MemoryCommands commands;
  event_log::MemorySideTopic snapshots;
  event_log::MemorySideTopic decided;
  bool side_is_away = false;  ///< these two
  Group group;
  schema::Instant now{};  ///< the true time
};

}  // namespace boxoffice::simulation
