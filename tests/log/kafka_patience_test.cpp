// Brokers that are away are not waited for again and again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "event-log/kafka/patience.hpp"
#include "event-log/kafka/side_topics.hpp"
#include "tests/log/kafka_topics_of_a_test.hpp"

namespace boxoffice::event_log::testing {
namespace {

using namespace std::chrono_literals;
using kafka::Clock;
using kafka::Patience;

constexpr Partition kPartition{2};

TEST(Patience, IsShortForAWhileAfterSilence) {
  Patience patience(10s);
  const auto now = Clock::now();
  EXPECT_EQ(patience.left(kPartition, now), 10s);
  patience.was_silent(kPartition, now);
  EXPECT_EQ(patience.left(kPartition, now + 1s), Patience::kAfterSilence);
  EXPECT_EQ(patience.left({3}, now + 1s), 10s) << "another's brokers may be there";
  EXPECT_EQ(patience.left(kPartition, now + Patience::kRemembered), 10s);
}

TEST(Patience, IsAsUsualOnceSomethingWasHeard) {
  Patience patience(10s);
  patience.was_silent(kPartition);
  patience.was_heard(kPartition);
  EXPECT_EQ(patience.left(kPartition), 10s);
}

TEST(Patience, IsNeverLongerThanUsual) {
  Patience patience(20ms);
  patience.was_silent(kPartition);
  EXPECT_EQ(patience.left(kPartition), 20ms);
}

/// What is away, and how long each of some calls took to say so.
class SideTopicsWhileBrokersAreAway : public ::testing::Test {
 protected:
  SideTopicsWhileBrokersAreAway() {
    settings_.read_timeout = 10s;
    log_ = opened(settings_);
    topics_ = std::move(*KafkaSideTopics::open(settings_));
    log_.reset();
    broker_.kill();
  }

  template <class Call>
  static Clock::duration until_unavailable(Call call) {
    const auto begun = Clock::now();
    const auto answer = call();
    EXPECT_TRUE(!answer && answer.error().kind == LogErrorKind::unavailable);
    return Clock::now() - begun;
  }

  boxoffice::testing::Broker broker_;
  KafkaSettings settings_ = fresh_settings(broker_);
  std::unique_ptr<Log> log_;
  std::unique_ptr<KafkaSideTopics> topics_;
};

/// As a take-over asks.
TEST_F(SideTopicsWhileBrokersAreAway, AreWaitedForOnce) {
  SideTopic& decided = topics_->decided();
  SideTopic& snapshots = topics_->snapshots();
  const auto first = until_unavailable([&] { return decided.range(kPartition); });
  const auto later =
      until_unavailable([&] { return snapshots.range(kPartition); }) +
      until_unavailable([&] { return decided.first_at(kPartition, schema::Instant(1s)); }) +
      until_unavailable(
          [&] { return decided.read(kPartition, 0, 9, [](const SideRecord&) { return true; }); });
  EXPECT_LT(later, first) << "three calls together";
}

/// As a process does that ends.
TEST_F(SideTopicsWhileBrokersAreAway, AreNotWaitedForByEachWhoSettles) {
  const auto settle = [&](SideTopic& topic) {
    const auto sending = topic.send_to(kPartition);
    EXPECT_TRUE(sending->send("a record", {}, 5s));
    return until_unavailable([&] { return sending->settle(5s); });
  };
  const auto first = settle(topics_->snapshots());
  auto later = Clock::duration::zero();
  for (int i = 0; i < 4; ++i) later += settle(topics_->decided());
  EXPECT_LT(later, first) << "four senders together";
}

}  // namespace
}  // namespace boxoffice::event_log::testing
