#pragma once

#include <cstdint>

#include "tests/simulation/historian.hpp"
#include "tests/simulation/projector.hpp"
#include "tests/simulation/readers.hpp"
#include "tests/simulation/views.hpp"

namespace boxoffice::simulation {

/// Those who look at history through a projector; and the check that what they are shown is what
/// happened.
class Audience {
 public:
  Audience(const Plan& plan, const Historian& historian, Medium& medium, Planted planted);

  Readers& readers() { return readers_; }

  /// One tick. True: the projector crashed.
  bool look();
  /// No more faults from now on.
  void calm() { projector_.calm(); }

  /// The projector comes to the end, and everybody reads what they waited for. REQUIRES: calm.
  void check_all();
  /// As `check_all`, and nothing of it is lost by a stop. REQUIRES: calm and running.
  void check_over_a_stop();

  std::size_t comparisons() const { return comparisons_; }
  /// A hash of what the read models held whenever all was checked.
  std::uint64_t rows() const { return rows_; }
  const Happenings& happened() const { return projector_.happened(); }

 private:
  void compare_answers();

  const Plan& plan_;
  const Historian& historian_;
  Views views_;
  Readers readers_;
  Projector projector_;
  Random curiosity_;
  std::size_t comparisons_ = 0;
  std::uint64_t rows_ = 0;
};

}  // namespace boxoffice::simulation
