#pragma once

#include <map>
#include <memory>
#include <optional>

#include "tests/simulation/cluster/held.hpp"

namespace boxoffice::simulation {

/// A computer of the cluster: a disk that outlives crashes, a clock that may be wrong, and perhaps
/// a process that decides the partitions which its group gives it. What the process believes to
/// have and what the group takes to be its own may differ.
class Host {
 public:
  explicit Host(Cluster& cluster);
  ~Host();

  void start();
  void crash();
  /// As by SIGTERM: it hands its partitions over, and ends.
  void terminate() { is_ending_ = true; }
  /// As by SIGSTOP, SIGCONT.
  void stop();
  void wake() { is_stopped_ = false; }
  bool is_running() const { return is_running_; }
  bool is_stopped() const { return is_stopped_; }

  /// What the process does in a tick; it may crash. True: it did.
  bool live();

  /// The partition, as this process knows it; null: it does not believe to have it.
  const Held* held(schema::Partition partition) const;

  void set_clock(schema::Milliseconds offset) { clock_offset_ = offset; }
  processor::MemorySnapshots& snapshots() { return snapshots_; }

 private:
  std::optional<std::string> clock_trouble(schema::Instant clock) const;
  void look_at_group();
  void leave_group();
  void follow(const Group::Partitions& share);
  void give_up_all();
  void forget_given_up();
  std::unique_ptr<Held> made(schema::Partition partition);

  Cluster& cluster_;
  schema::Milliseconds clock_offset_{0};

  // The disk.
  processor::MemorySnapshots snapshots_;
  std::map<schema::Partition, KeyDisk> key_disks_;

  // What a crash takes away.
  bool is_running_ = false;
  bool is_stopped_ = false;
  bool is_ending_ = false;
  std::optional<Group::Member> member_;
  std::map<schema::Partition, std::unique_ptr<Held>> held_;
};

}  // namespace boxoffice::simulation
