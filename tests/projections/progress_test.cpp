#include "projections/runner/progress.hpp"

#include <gtest/gtest.h>

#include <future>

namespace boxoffice::projections {
namespace {

using namespace std::chrono_literals;
using schema::Position;
using Clock = Progress::Clock;

Position at(std::uint16_t partition, std::uint64_t sequence) { return {{partition}, {sequence}}; }

/// What a waiter was told; unset while it waits.
using Told = std::shared_ptr<std::optional<bool>>;

class WaitingForProgress : public ::testing::Test {
 protected:
  Told wait_for(std::vector<Position> positions, Clock::duration within = 1h) {
    auto told = std::make_shared<std::optional<bool>>();
    progress_.when_reached(std::move(positions), Clock::now() + within,
                           [told](bool reached) { *told = reached; });
    return told;
  }
  void advance(Position position) {
    progress_.advance(position);
    progress_.wake();
  }

  Progress progress_{4, 3};
};

TEST_F(WaitingForProgress, CallsBackAtOnceWhereThereIsNothingToWaitFor) {
  advance(at(1, 5));
  EXPECT_EQ(*wait_for({at(1, 5), at(1, 3), at(2, 0)}), true);
  EXPECT_EQ(*wait_for({}), true);
}

TEST_F(WaitingForProgress, CallsBackOnlyWhenAllPositionsAreReached) {
  const Told told = wait_for({at(0, 2), at(1, 5)});
  advance(at(1, 5));
  EXPECT_EQ(*told, std::nullopt);
  advance(at(0, 1));
  EXPECT_EQ(*told, std::nullopt);
  advance(at(0, 3));
  EXPECT_EQ(*told, true);
}

TEST_F(WaitingForProgress, SaysFalseAtTheDeadline) {
  std::promise<bool> told;
  progress_.when_reached({at(0, 1)}, Clock::now() + 10ms,
                         [&](bool reached) { told.set_value(reached); });
  EXPECT_FALSE(told.get_future().get());
  advance(at(0, 1));  // and calls nobody twice
}

TEST_F(WaitingForProgress, KeepsTheEarliestDeadlineFirst) {
  const Told late = wait_for({at(0, 1)});
  std::promise<bool> told;
  progress_.when_reached({at(0, 1)}, Clock::now() + 10ms,
                         [&](bool reached) { told.set_value(reached); });
  EXPECT_FALSE(told.get_future().get());
  EXPECT_EQ(*late, std::nullopt);
}

TEST_F(WaitingForProgress, SaysFalseAtOnceAfterTheDeadline) {
  EXPECT_EQ(*wait_for({at(0, 1)}, -1ms), false);
}

TEST_F(WaitingForProgress, SaysFalseAtOnceToOneTooMany) {
  const Told first = wait_for({at(0, 1)});
  wait_for({at(0, 2)});
  wait_for({at(0, 3)});
  EXPECT_EQ(*wait_for({at(0, 1)}), false);
  advance(at(0, 1));
  EXPECT_EQ(*first, true);
  EXPECT_EQ(*wait_for({at(0, 9)}), std::nullopt);  // there is room again
}

TEST_F(WaitingForProgress, SaysFalseForAPartitionThatIsNot) {
  EXPECT_EQ(*wait_for({at(4, 1)}), false);
  EXPECT_FALSE(progress_.reached(at(4, 0)));
}

TEST_F(WaitingForProgress, SaysFalseToAllWhenClosed) {
  const Told told = wait_for({at(0, 1)});
  progress_.close();
  EXPECT_EQ(*told, false);
  EXPECT_EQ(*wait_for({at(0, 1)}), false);
}

TEST_F(WaitingForProgress, LosesNobodyInARace) {
  constexpr std::uint64_t kLast = 20'000;
  Progress progress(1, 10'000);
  std::thread runner([&] {
    for (std::uint64_t sequence = 1; sequence <= kLast; ++sequence) {
      progress.advance(at(0, sequence));
      progress.wake();
    }
  });
  for (std::uint64_t sequence = 1; sequence <= kLast; sequence += 7) {
    std::promise<bool> told;
    progress.when_reached({at(0, sequence)}, Clock::now() + 1min,
                          [&](bool reached) { told.set_value(reached); });
    EXPECT_TRUE(told.get_future().get());
  }
  runner.join();
}

}  // namespace
}  // namespace boxoffice::projections
