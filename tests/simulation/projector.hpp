#pragma once

#include <memory>
#include <vector>

#include "projections/read_models.hpp"
#include "tests/simulation/happenings.hpp"
#include "tests/simulation/medium.hpp"
#include "tests/simulation/plan.hpp"
#include "tests/simulation/planted.hpp"
#include "tests/simulation/projector_disk.hpp"
#include "tests/simulation/random.hpp"

namespace boxoffice::simulation {

/// A process that runs the read models, without their thread; its disk outlives it. Its luck is its
/// own: what happens to it changes nothing for the others.
class Projector {
 public:
  Projector(const Plan& plan, Medium& medium, Planted planted);
  ~Projector();

  /// May fail, as the disk and the log may; then it is still not running.
  void start();
  void crash();
  /// As by a signal: what was handed over is applied, all is flushed.
  void stop();
  bool is_running() const { return models_ != nullptr; }

  /// Perhaps a step, perhaps a rebuild, perhaps the end of it.
  void live();
  /// Applies all that the log has. REQUIRES: calm and running.
  void catch_up();

  /// No more faults from now on.
  void calm() { calm_ = true; }

  const Happenings& happened() const { return happened_; }

  /// REQUIRES: running.
  const projections::Queries& models() const { return *models_; }
  /// The same, and no fault happens to who asks.
  void let_ask(const std::function<void(const projections::Queries&)>& ask);
  /// How far all models are, by partition.
  std::vector<schema::Sequence> applied() const;
  /// None of them is further than that.
  bool is_level() const;
  /// Makes every model again beside its rows and compares the two; throws Violation where they
  /// differ. A hash of all rows. REQUIRES: calm and running.
  std::uint64_t compare_with_history();

 private:
  void step();
  void rebuild_some();
  bool look_at_rows();
  void damage(projections::Store& store) const;
  bool happens(unsigned permille) { return !calm_ && random_.chance(permille); }
  void perhaps_crash(unsigned permille) {
    if (happens(permille)) throw event_log::Crash{};
  }

  const Plan& plan_;
  Medium& medium_;
  const Planted planted_;
  Random random_;
  bool calm_ = false;
  Happenings happened_;

  ProjectorDisk disk_;

  // What a crash takes away.
  std::unique_ptr<event_log::Log> log_;
  std::unique_ptr<projections::ReadModels> models_;
  std::vector<schema::Sequence> furthest_;  // of a model at the start, by partition
};

}  // namespace boxoffice::simulation
