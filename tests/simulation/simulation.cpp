#include "tests/simulation/simulation.hpp"

#include <array>
#include <cstring>

#include "commands/domain/snapshot.hpp"
#include "commands/processor/memory_keys.hpp"
#include "commands/processor/recovery.hpp"
#include "sealing/sealing.hpp"
#include "tests/processor/vocabulary.hpp"
#include "tests/simulation/audience.hpp"
#include "tests/simulation/clients.hpp"
#include "tests/simulation/historian.hpp"
#include "tests/simulation/ledger.hpp"
#include "tests/simulation/machine.hpp"
#include "tests/simulation/plan.hpp"
#include "tests/simulation/violation.hpp"

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
        outside_(event_log::open_memory(store_)),
        historian_(plan_.partitions, plan_.settings.key_window),
        audience_(plan_, historian_, medium_, planted),
        ledger_(plan_.settings.key_window),
        clients_(plan_, random_, ledger_, audience_.readers()),
        machines_{Machine(plan_, store_, planted, random_),
                  Machine(plan_, store_, planted, random_)} {}

  void live() {
    clients_.set_up();
    for (report.ticks = 0; report.ticks < plan_.ticks; ++report.ticks) {
      trouble();
      tick();
    }
    bring_peace();
    for (; !at_rest(); ++report.ticks) {
      if (report.ticks > plan_.ticks + kPeaceTicksMax)
        throw Violation("there is peace, but not all commands are answered");
      tick();
    }
    check_all();
  }

  void tell_what_happened() {
    report.happened = audience_.happened();
    report.comparisons = audience_.comparisons();
    for (std::uint16_t i = 0; i < plan_.partitions; ++i)
      for (std::uint64_t n = 1; n <= historian_.end({i}).value; ++n)
        ++report.happened[words_for(historian_.at({{i}, {n}}).event)];
  }

  Report report;

 private:
  void tick() {
    now_ += schema::Milliseconds(random_.between(0, plan_.tick_ms_max));
    clients_.tick(now_, [this](processor::Submission&& submission) {
      return to_somebody(std::move(submission));
    });
    for (Machine& machine : machines_) {
      const bool was_running = machine.is_running();
      // In peace a machine is quicker than impatient clients; before, their repeats may bury it.
      while (machine.step(now_) && peace_) {
      }
      report.crashes += was_running && !machine.is_running();
    }
    historian_.read(*outside_);
    report.crashes += audience_.look();
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
    if (random_.chance(plan_.clock_jumps))
      chosen.set_clock(schema::Milliseconds(random_.between(-3'600'000, 600'000)));
    if (random_.chance(100)) event_log::reveal(*store_);
  }

  void bring_peace() {
    peace_ = true;
    clients_.calm();
    for (Machine& machine : machines_) machine.calm();
    audience_.calm();
    machines_[1].crash();
    if (!machines_[0].is_running()) machines_[0].start();
    reached_ = 0;
    event_log::reveal(*store_);
  }

  bool at_rest() {
    if (!clients_.all_answered()) return false;
    if (!machines_[0].is_ready()) return false;
    if (machines_[0].step(now_)) return false;
    event_log::reveal(*store_);
    historian_.read(*outside_);
    return true;
  }

  void check_all() {
    ledger_.check(historian_);
    audience_.check_all();
    check_snapshots();
    check_long_after();
    report.commands = clients_.requests();
    report.events = historian_.events();
    report.fingerprint = fingerprint();
  }

  /// A state made from a snapshot and what follows is the state made from all of the log, byte for
  /// byte.
  void check_snapshots() {
    processor::MemorySnapshots none;
    for (std::uint16_t i = 0; i < plan_.partitions; ++i) {
      const std::string from_log = recovered({i}, none);
      for (Machine& machine : machines_) {
        if (recovered({i}, machine.snapshots()) != from_log)
          throw Violation("a snapshot of partition " + std::to_string(i) + " differs from the log");
      }
    }
  }

  std::string recovered(schema::Partition partition, processor::SnapshotStore& snapshots) {
    processor::MemoryKeys keys({.generation_slots = 64});
    const auto owned =
        processor::recover(*outside_, partition, keys, snapshots, plan_.settings, now_);
    if (!owned) throw Violation(owned.error().message);
    std::string bytes;
    domain::write(domain::freeze(*owned->state), [&](std::string_view chunk) {
      bytes.append(chunk);
      return true;
    });
    return bytes;
  }

  /// Much later, on the machine whose disk is older: all that was held has expired, and every count
  /// is right.
  void check_long_after() {
    machines_[0].stop(now_);
    machines_[1].start();
    now_ += 48h;
    while (machines_[1].step(now_)) {
    }
    historian_.read(*outside_);
    audience_.check_over_a_stop();
  }

  std::uint64_t fingerprint() {
    std::string ends;
    for (std::uint16_t i = 0; i < plan_.partitions; ++i) {
      const auto last = outside_->at({{i}, outside_->end({i})});
      if (last && *last) ends += **last;
    }
    std::uint64_t print;
    std::memcpy(&print, sealing::sha256(ends).bytes.data(), sizeof print);
    return print ^ audience_.rows();
  }

  const Plan plan_;
  Random random_;
  schema::Instant now_ = vocabulary::noon();
  std::shared_ptr<event_log::MemoryStore> store_;
  std::unique_ptr<event_log::Log> outside_;
  Historian historian_;
  MemoryMedium medium_{store_};
  Audience audience_;
  Ledger ledger_;
  Clients clients_;
  std::array<Machine, 2> machines_;
  std::size_t reached_ = 0;
  bool peace_ = false;
};

}  // namespace

Report simulate(std::uint64_t seed, Planted planted) {
  World world(seed, planted);
  world.report.seed = seed;
  try {
    world.live();
  } catch (const Violation& violation) {
    world.report.violation = violation.what();
  }
  world.tell_what_happened();
  return world.report;
}

}  // namespace boxoffice::simulation
