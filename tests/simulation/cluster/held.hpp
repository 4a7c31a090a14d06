#pragma once

#include <memory>

#include "commands/processor/processor.hpp"
#include "commands/processor/topic_arrivals.hpp"
#include "tests/simulation/cluster/cluster.hpp"
#include "tests/simulation/cluster/fiber.hpp"
#include "tests/simulation/cluster/travelling.hpp"
#include "tests/simulation/later.hpp"
#include "tests/simulation/simulated_keys.hpp"
#include "tests/simulation/simulated_snapshots.hpp"

namespace boxoffice::simulation {

/// A partition that a process decides, and the thread that does it. The thread may be left in the
/// midst of any request to the brokers, and go on when much has happened.
class Held {
 public:
  /// What of the process it belongs to: its disk, its part in the group, its clock.
  struct Process {
    Cluster& cluster;
    processor::MemorySnapshots& snapshots;
    std::function<Group::Member()> member;
    std::function<schema::Instant()> clock;
    /// Why nothing may be decided by it; nullopt: it is right.
    std::function<std::optional<std::string>(schema::Instant)> clock_trouble;
    /// The whole of it is stopped, now.
    std::function<void()> stop;
  };

  Held(Process process, schema::Partition partition, KeyDisk& key_disk);
  ~Held();

  /// One step, or the next part of one that was left.
  void live();
  /// From now on it only ends what it has begun, and keeps what it knows.
  void give_up() { is_leaving_ = true; }
  /// It has.
  bool is_given_up() const { return is_given_up_; }

  bool is_ready() const { return processor_->status().ready; }
  /// What keeps it from having taken and decided all that stands on the topic; nullopt: it has.
  std::optional<std::string> is_busy_with() const;

 private:
  event_log::Delivery request(event_log::Request request);
  std::expected<void, std::string> may_take_over();
  std::chrono::nanoseconds stopwatch();
  Travelling::Process beside();
  void note(const processor::TakenOver& taken_over);
  void perhaps_linger(const char* where);
  void check_right() const;
  bool has_commands() const;
  void step();
  void leave();

  const Process process_;
  Cluster& cluster_;
  const schema::Partition partition_;
  std::chrono::nanoseconds lingered_{};  ///< what was measured, beside the cluster's time
  bool is_leaving_ = false;
  bool is_given_up_ = false;
  std::optional<Group::Moment> fenced_at_;

  Later background_;
  SimulatedSnapshots snapshots_;
  std::unique_ptr<event_log::Log> log_;
  SimulatedKeys keys_;
  std::optional<Travelling> travelling_;
  std::unique_ptr<processor::Arrivals> arrivals_;
  processor::TopicArrivals* topic_ = nullptr;  ///< what the arrivals are
  std::unique_ptr<processor::Processor> processor_;
  Fiber thread_;  // ends before what it uses
};

}  // namespace boxoffice::simulation
