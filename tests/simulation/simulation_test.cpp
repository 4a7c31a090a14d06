// The simulator itself: it is deterministic, and it finds what is planted.

#include "tests/simulation/simulation.hpp"

#include <gtest/gtest.h>

namespace boxoffice::simulation {
namespace {

TEST(Simulation, IsTheSameForTheSameSeed) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const Report once = simulate(seed);
    const Report again = simulate(seed);
    EXPECT_EQ(once.fingerprint, again.fingerprint) << "seed " << seed;
    EXPECT_EQ(once.ticks, again.ticks) << "seed " << seed;
    EXPECT_EQ(once.events, again.events) << "seed " << seed;
  }
}

TEST(Simulation, FindsKeysThatAreForgottenAtARestart) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    const Report report = simulate(seed, KeyPolicy::forgetful);
    if (!report.violation) continue;
    EXPECT_FALSE(simulate(seed).violation.has_value()) << "it is the planted bug, and nothing else";
    EXPECT_EQ(simulate(seed, KeyPolicy::forgetful).violation, report.violation) << "it replays";
    return;
  }
  FAIL() << "a hundred seeds have not shown the planted bug";
}

}  // namespace
}  // namespace boxoffice::simulation
