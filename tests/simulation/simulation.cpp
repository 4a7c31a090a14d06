#include "tests/simulation/simulation.hpp"

#include <array>

#include "tests/processor/vocabulary.hpp"
#include "tests/simulation/machine.hpp"
#include "tests/simulation/plan.hpp"
#include "tests/simulation/witness.hpp"

namespace boxoffice::simulation {

namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kPeaceTicksMax = 2000;

class World {
 public:
  World(std::uint64_t seed, Planted planted)
      : plan_(plan_of(seed)),
        random_(seed ^ 0x5eed),
        store_(event_log::make_memory_store(plan_.partitions)),
        witness_(plan_, event_log::open_memory(store_), medium_, planted, random_),
        machines_{Machine(plan_, store_, planted, random_, witness_.report.happened),
                  Machine(plan_, store_, planted, random_, witness_.report.happened)} {}

  void live() {
    witness_.clients().set_up();
    std::uint64_t& ticks = witness_.report.ticks;
    for (; ticks < plan_.ticks; ++ticks) {
      trouble();
      tick();
    }
    bring_peace();
    for (; !at_rest(); ++ticks) {
      if (ticks > plan_.ticks + kPeaceTicksMax)
        throw Violation("there is peace, but not all commands are answered");
      tick();
    }
    check_all();
  }

  Witness& witness() { return witness_; }

 private:
  void tick() {
    now_ += schema::Milliseconds(random_.between(0, plan_.tick_ms_max));
    witness_.clients().tick(now_, [this](processor::Submission&& submission) {
      return to_somebody(std::move(submission));
    });
    for (Machine& machine : machines_) {
      const bool was_running = machine.is_running();
      // In peace a machine is quicker than impatient clients; before, their repeats may bury it.
      while (machine.step(now_) && peace_) {
      }
      witness_.report.crashes += was_running && !machine.is_running();
    }
    witness_.look();
  }

  /// Clients reach the machine that they reached last, and look for another when it does not
  /// answer.
  bool to_somebody(processor::Submission&& submission) {
    if (!machines_[reached_].is_running() || random_.chance(20)) reached_ = 1 - reached_;
    return machines_[reached_].deliver(std::move(submission));
  }

  void trouble() {
    const bool nobody = !machines_[0].is_running() && !machines_[1].is_running();
    Machine& chosen = random_.one_of(machines_);
    if (nobody && random_.chance(300)) chosen.start();
    if (random_.chance(plan_.usurp) && !chosen.is_running()) chosen.start();
    // Two that run fence each other, until one is found and stopped.
    if (machines_[0].is_running() && machines_[1].is_running() && random_.chance(100)) {
      if (random_.chance(500))
        chosen.crash();
      else
        chosen.stop(now_);
    }
    if (random_.chance(plan_.clock_jumps)) {
      ++witness_.report.happened["a clock jumped"];
      chosen.set_clock(schema::Milliseconds(random_.between(-3'600'000, 600'000)));
    }
    if (random_.chance(100)) event_log::reveal(*store_);
  }

  void bring_peace() {
    peace_ = true;
    witness_.calm();
    for (Machine& machine : machines_) machine.calm();
    machines_[1].crash();
    if (!machines_[0].is_running()) machines_[0].start();
    reached_ = 0;
    event_log::reveal(*store_);
  }

  bool at_rest() {
    if (!witness_.clients().all_answered()) return false;
    if (!machines_[0].is_ready()) return false;
    if (machines_[0].step(now_)) return false;
    event_log::reveal(*store_);
    witness_.read();
    return true;
  }

  void check_all() {
    witness_.check_answers();
    witness_.check_snapshots(std::array<processor::SnapshotStore*, 2>{&machines_[0].snapshots(),
                                                                      &machines_[1].snapshots()},
                             now_);
    check_long_after();
    witness_.conclude();
  }

  /// Much later, on the machine whose disk is older: all that was held has expired, and every count
  /// is right.
  void check_long_after() {
    machines_[0].stop(now_);
    machines_[1].start();
    now_ += 48h;
    while (machines_[1].step(now_)) {
    }
    witness_.read();
    witness_.audience().check_over_a_stop();
  }

  const Plan plan_;
  Random random_;
  schema::Instant now_ = vocabulary::noon();
  std::shared_ptr<event_log::MemoryStore> store_;
  MemoryMedium medium_{store_};
  Witness witness_;
  std::array<Machine, 2> machines_;
  std::size_t reached_ = 0;
  bool peace_ = false;
};

}  // namespace

Report simulate(std::uint64_t seed, Planted planted) {
  World world(seed, planted);
  return report_of(world, seed);
}

}  // namespace boxoffice::simulation
