#pragma once

#include <deque>
#include <memory>

#include "commands/processor/processor.hpp"
#include "event-log/memory/memory_log.hpp"
#include "tests/processor/memory_snapshots.hpp"
#include "tests/simulation/plan.hpp"
#include "tests/simulation/simulated_keys.hpp"

namespace boxoffice::simulation {

/// Work that is done when the simulation says so, and lost in a crash.
class Later final : public processor::Background {
 public:
  void run(Owner, Task task) override { tasks_.push_back(std::move(task)); }
  void drain(Owner) override { finish(); }
  void finish() {
    while (work()) {
    }
  }
  /// Does one task; false if there is none.
  bool work();
  void forget() { tasks_.clear(); }

 private:
  std::deque<Task> tasks_;
};

/// A computer: a disk that outlives crashes, a clock that may be wrong, and perhaps a running
/// processor.
class Machine {
 public:
  Machine(const Plan& plan, std::shared_ptr<event_log::MemoryStore> store, Planted planted,
          Random& random);
  ~Machine();

  void start();
  void crash();
  /// As by a signal: what was let in is answered, a last snapshot is written.
  void stop(schema::Instant now);
  bool is_running() const { return processor_ != nullptr; }
  bool is_ready() const { return processor_ && processor_->status().ready; }

  /// False: nobody listens, or the inbox is full.
  bool deliver(processor::Submission&& submission);
  /// A step of the processor and, perhaps, of what it does in the background; either may crash.
  /// True: there is something to do at once.
  bool step(schema::Instant true_time);

  processor::SnapshotStore& snapshots() { return snapshots_; }

  /// No more faults from now on.
  void calm() { calm_ = true; }
  void set_clock(schema::Milliseconds offset) { clock_offset_ = offset; }

 private:
  struct Snapshots final : processor::SnapshotStore {
    explicit Snapshots(Machine& machine) : machine(machine) {}
    bool save(schema::Position position, processor::WriteTo write) override;
    std::vector<schema::Sequence> list(schema::Partition partition) override;
    std::optional<Frame> read(schema::Position position) override;
    Machine& machine;
    processor::MemorySnapshots kept;
  };

  event_log::Faults faults();
  event_log::AppendFate fate();
  bool happens(unsigned permille) { return !calm_ && random_.chance(permille); }

  const Plan& plan_;
  const std::shared_ptr<event_log::MemoryStore> store_;
  const Planted planted_;
  Random& random_;
  bool calm_ = false;
  schema::Milliseconds clock_offset_{0};

  // The disk.
  Snapshots snapshots_{*this};
  KeyDisk key_disk_;

  // What a crash takes away.
  Later background_;
  std::unique_ptr<event_log::Log> log_;
  std::unique_ptr<SimulatedKeys> keys_;
  std::unique_ptr<processor::Processor> processor_;
};

}  // namespace boxoffice::simulation
