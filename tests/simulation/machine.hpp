#pragma once

#include <memory>

#include "commands/processor/processor.hpp"
#include "event-log/memory/memory_log.hpp"
#include "tests/simulation/happenings.hpp"
#include "tests/simulation/later.hpp"
#include "tests/simulation/plan.hpp"
#include "tests/simulation/simulated_keys.hpp"
#include "tests/simulation/simulated_snapshots.hpp"

namespace boxoffice::simulation {

/// A computer: a disk that outlives crashes, a clock that may be wrong, and perhaps a running
/// processor.
class Machine {
 public:
  Machine(const Plan& plan, std::shared_ptr<event_log::MemoryStore> store, Planted planted,
          Random& random, Happenings& happened);
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
  event_log::Faults faults();
  event_log::AppendFate fate();
  bool happens(unsigned permille, const char* what);

  const Plan& plan_;
  const std::shared_ptr<event_log::MemoryStore> store_;
  const Planted planted_;
  Random& random_;
  Happenings& happened_;
  bool calm_ = false;
  schema::Milliseconds clock_offset_{0};

  // The disk.
  processor::MemorySnapshots kept_snapshots_;
  KeyDisk key_disk_;

  SimulatedSnapshots snapshots_;

  // What a crash takes away.
  Later background_;
  std::unique_ptr<event_log::Log> log_;
  std::unique_ptr<SimulatedKeys> keys_;
  std::unique_ptr<processor::Processor> processor_;
};

}  // namespace boxoffice::simulation
