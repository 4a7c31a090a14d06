// What waits for the runner, and when it is taken. An hour stands for ever: who would wait for it
// does not end.

#include "projections/runner/inbox.hpp"

#include <gtest/gtest.h>

#include <future>

namespace boxoffice::projections {
namespace {

using namespace std::chrono_literals;

class AnInbox : public ::testing::Test {
 protected:
  void push(std::size_t events, std::size_t bytes_each = 0) {
    auto batch = std::make_shared<event_log::Batch>();
    batch->events.resize(events);
    for (event_log::CommittedEvent& event : batch->events) event.value.resize(bytes_each);
    inbox_.push(batch);
  }

  /// How many events were taken.
  std::size_t take(std::size_t events_max = 10, std::chrono::milliseconds apart = 1h) {
    std::size_t events = 0;
    for (const auto& batch : inbox_.take(events_max, 1h, apart).batches)
      events += batch->events.size();
    return events;
  }

  Inbox inbox_{{.events_max = 100, .bytes_max = 1000}};
};

TEST_F(AnInbox, GivesWhatCameWhenNothingCameForLong) {
  push(1);
  EXPECT_EQ(take(), 1u);
}

TEST_F(AnInbox, WaitsForMuchWhenItHasJustGivenSome) {
  push(1);
  ASSERT_EQ(take(), 1u);
  auto taken = std::async(std::launch::async, [&] { return take(3); });
  for (int more = 0; more < 3; ++more) push(1);
  EXPECT_EQ(taken.get(), 3u);
}

TEST_F(AnInbox, WaitsNoLongerThanItIsTold) {
  push(1);
  ASSERT_EQ(take(), 1u);
  push(1);
  EXPECT_EQ(take(3, 1ms), 1u);
}

TEST_F(AnInbox, GivesAtOnceWhatSomebodyWaitsFor) {
  push(1);
  ASSERT_EQ(take(), 1u);
  auto taken = std::async(std::launch::async, [&] { return take(); });
  push(1);
  inbox_.hurry();
  EXPECT_EQ(taken.get(), 1u);
}

TEST_F(AnInbox, GivesAtOnceWhatComesAfterSomebodyBeganToWait) {
  push(1);
  ASSERT_EQ(take(), 1u);
  inbox_.hurry();
  push(1);
  EXPECT_EQ(take(), 1u);
}

TEST_F(AnInbox, LetsNeitherWorkNorItsEndWait) {
  push(1);
  ASSERT_EQ(take(), 1u);
  push(1);
  EXPECT_TRUE(inbox_.push_work([] {}));
  EXPECT_EQ(inbox_.take(10, 1h, 1h).work.size(), 1u);
  push(2);
  inbox_.close();
  EXPECT_EQ(take(), 2u);
  EXPECT_TRUE(inbox_.take(10, 1h, 1h).closed);
}

TEST_F(AnInbox, RemembersThatItMissedSome) {
  push(100);
  push(1);
  const auto taken = inbox_.take(1000, 1h, 1h);
  EXPECT_EQ(taken.batches.size(), 1u);
  EXPECT_TRUE(taken.missed);
}

TEST_F(AnInbox, HoldsNoMoreBytesThanItMayHoweverFewEventsTheyAre) {
  push(2, 400);
  push(1, 200);
  push(1, 1);
  auto taken = inbox_.take(1000, 1h, 1h);
  EXPECT_EQ(taken.batches.size(), 2u);
  EXPECT_TRUE(taken.missed);
  push(1, 60'000);  // by itself more than it may
  taken = inbox_.take(1000, 1h, 0h);
  EXPECT_EQ(taken.batches.size(), 1u);
  EXPECT_FALSE(taken.missed);
}

}  // namespace
}  // namespace boxoffice::projections
