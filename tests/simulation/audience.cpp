#include "tests/simulation/audience.hpp"

#include "tests/simulation/violation.hpp"

namespace boxoffice::simulation {

namespace {

constexpr unsigned kCuriosity = 30;  ///< thousandths of the ticks after which answers are compared

}  // namespace

Audience::Audience(const Plan& plan, const Historian& historian, Medium& medium, Planted planted)
    : plan_(plan),
      historian_(historian),
      views_(historian),
      projector_(plan, medium, planted),
      curiosity_(plan.seed ^ 0xc0de) {}

bool Audience::look() {
  const bool was_running = projector_.is_running();
  projector_.live();
  if (!projector_.is_running()) return was_running;
  readers_.ask(projector_.models());
  // After a crash at once: rows and positions must have remained one.
  if (!was_running || curiosity_.chance(kCuriosity)) compare_answers();
  return false;
}

/// What the models answer is what history says, as of where they are.
void Audience::compare_answers() {
  if (!projector_.is_level()) return;
  const auto applied = projector_.applied();
  for (std::uint16_t i = 0; i < plan_.partitions; ++i)
    if (applied[i] > historian_.end({i})) return;  // the log does not show it yet
  views_.move_to(applied);
  projector_.let_ask([&](const projections::Queries& models) { views_.check(models, curiosity_); });
  ++comparisons_;
}

void Audience::check_all() {
  if (!projector_.is_running()) projector_.start();
  readers_.ask(projector_.models());
  projector_.catch_up();
  if (!readers_.all_have_read()) throw Violation("somebody waits for what has been applied");
  compare_answers();
  rows_ ^= projector_.compare_with_history();
}

void Audience::check_over_a_stop() {
  projector_.catch_up();
  const auto applied = projector_.applied();
  projector_.stop();
  projector_.start();
  if (projector_.applied() != applied)
    throw Violation("a projector that was stopped does not go on where it was");
  compare_answers();
  rows_ ^= projector_.compare_with_history();
}

}  // namespace boxoffice::simulation
