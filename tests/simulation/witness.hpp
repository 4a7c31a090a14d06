#pragma once

#include <memory>
#include <span>

#include "commands/processor/snapshot.hpp"
#include "tests/simulation/audience.hpp"
#include "tests/simulation/clients.hpp"
#include "tests/simulation/historian.hpp"
#include "tests/simulation/ledger.hpp"
#include "tests/simulation/medium.hpp"
#include "tests/simulation/simulation.hpp"
#include "tests/simulation/violation.hpp"

namespace boxoffice::simulation {

/// Who meets a product from outside, whatever it runs on: clients, readers of the log and of read
/// models; and what must be true of all that they saw. Throws Violation where it is not.
class Witness {
 public:
  Witness(const Plan& plan, std::unique_ptr<event_log::Log> log, Medium& medium, Planted planted,
          Random& random);

  /// Reads what is new on the log, and looks at the read models.
  void look();
  /// Reads what is new on the log.
  void read() { historian_.read(*log_); }
  /// Neither clients nor projectors have faults from now on.
  void calm();

  Clients& clients() { return clients_; }
  const Historian& historian() const { return historian_; }
  Audience& audience() { return audience_; }

  /// Whoever was answered was answered what happened, and so is who asks now. REQUIRES: calm.
  void check_answers();
  /// A state made from a snapshot and what follows is the state made from all of the log, byte for
  /// byte.
  void check_snapshots(std::span<processor::SnapshotStore* const> stores, schema::Instant now);
  /// Sums up; the rest of the report is told by `tell_what_happened`.
  void conclude();
  /// Also after a violation.
  void tell_what_happened();

  Report report;

 private:
  std::string recovered(schema::Partition partition, processor::SnapshotStore& snapshots,
                        schema::Instant now);
  std::uint64_t fingerprint() const;

  const Plan& plan_;
  const std::unique_ptr<event_log::Log> log_;
  Historian historian_;
  Audience audience_;
  Ledger ledger_;
  Clients clients_;
};

/// Lets a world live, and reports how it was.
template <class World>
Report report_of(World& world, std::uint64_t seed) {
  Report& report = world.witness().report;
  report.seed = seed;
  try {
    world.live();
  } catch (const Violation& violation) {
    report.violation = violation.what();
  }
  world.witness().tell_what_happened();
  return report;
}

}  // namespace boxoffice::simulation
