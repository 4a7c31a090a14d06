// The simulator itself: it is deterministic, and it finds what is planted.

#include "tests/simulation/simulation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <set>

namespace boxoffice::simulation {
namespace {

TEST(Simulation, IsTheSameForTheSameSeed) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const Report once = simulate(seed);
    const Report again = simulate(seed);
    EXPECT_EQ(once.fingerprint, again.fingerprint) << "seed " << seed;
    EXPECT_EQ(once.ticks, again.ticks) << "seed " << seed;
    EXPECT_EQ(once.events, again.events) << "seed " << seed;
    EXPECT_EQ(once.crashes, again.crashes) << "seed " << seed;
    EXPECT_EQ(once.comparisons, again.comparisons) << "seed " << seed;
  }
}

/// What must come about for its rule to be tested.
constexpr std::array kWorthWhile{
    "ClaimConfirmed",
    "ClaimExpired",
    "ClaimRefused already_claimed",
    "ClaimRefused cancelled",
    "ClaimRefused claims_off",
    "ClaimRefused closed",
    "ClaimRefused not_open",
    "ClaimRefused sold_out",
    "ClaimRefused too_late",
    "ClaimRefused unknown_occasion",
    "ClaimReleased",
    "ConfirmationRefused cancelled",
    "ConfirmationRefused claim_ended",
    "KeyCreated",
    "KeyCreationRefused key_ended",
    "KeyDeleted",
    "KeyDeletionRefused unknown_key",
    "KeyUseRefused unknown_key",
    "KeyUsed",
    "OccasionCancelled",
    "OccasionChangeRefused below_committed",
    "OccasionChangeRefused cancelled",
    "OccasionChangeRefused does_not_fit",
    "OccasionChangeRefused pools_fixed",
    "OccasionChangeRefused precondition_failed",
    "OccasionChanged",
    "OccasionClosed",
    "OccasionCreationRefused already_made",
    "OccasionStepRefused already_closed",
    "OccasionStepRefused already_open",
    "OccasionStepRefused cancelled",
    "OccasionStepRefused not_open",
    "OccasionStepRefused precondition_failed",
    "ReleaseRefused claim_ended",
    "SealedDataOpened",
    "a clock jumped",
    "a crash after an append",
    "a crash before an append",
    "a crash between steps",
    "a crash while reading",
    "a crash while taking over",
    "a model stood behind the others",
    "a model was swapped in",
    "a projector crashed",
    "a projector did not start",
    "a projector was stuck on its way",
    "a read failed",
    "a rebuild failed",
    "a save of keys was torn",
    "a snapshot could not be kept",
    "a snapshot was read damaged",
    "a snapshot was torn",
    "a writer was fenced",
    "an append was left in doubt",
    "an append was refused",
    "an append was seen late",
    "taking over failed",
};

TEST(Simulation, LetsEverythingHappen) {
  std::set<std::string> missing(kWorthWhile.begin(), kWorthWhile.end());
  for (std::uint64_t seed = 1; seed <= 1000 && !missing.empty(); ++seed)
    for (const auto& [what, times] : simulate(seed).happened) missing.erase(what);
  EXPECT_THAT(missing, ::testing::IsEmpty());
}

class PlantedBug : public ::testing::TestWithParam<Planted> {};

TEST_P(PlantedBug, IsFoundAndReplayed) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    const Report report = simulate(seed, GetParam());
    if (!report.violation) continue;
    EXPECT_FALSE(simulate(seed).violation.has_value()) << "it is the planted bug, and nothing else";
    EXPECT_EQ(simulate(seed, GetParam()).violation, report.violation) << "it replays";
    return;
  }
  FAIL() << "a hundred seeds have not shown the planted bug";
}

INSTANTIATE_TEST_SUITE_P(Simulation, PlantedBug,
                         ::testing::Values(Planted::forgotten_keys, Planted::lost_row,
                                           Planted::doubled_event, Planted::skipped_event),
                         [](const auto& info) {
                           for (const auto& [name, planted] : kPlanted)
                             if (planted == info.param) {
                               std::string text(name);
                               text.replace(text.find('-'), 1, "_");
                               return text;
                             }
                           return std::string("unknown");
                         });

}  // namespace
}  // namespace boxoffice::simulation
