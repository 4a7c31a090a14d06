// Whether a clock is the brokers', by what they stamped on records and when these were under way.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "event-log/kafka/brokers_time.hpp"

namespace boxoffice::event_log {
namespace {

using namespace std::chrono_literals;
using schema::Instant;
using schema::Milliseconds;
using ::testing::HasSubstr;
using ::testing::Optional;

constexpr Instant kNoon{Milliseconds(1'800'000'000'000)};
constexpr BrokersTime::Steady kStart{1000s};

/// Brokers whose clocks were at noon when the steady one was at its start, but for what the test
/// says.
class Clocks : public testing::Test {
 protected:
  void told(Milliseconds at, Milliseconds off = 0ms, std::int32_t broker = 1,
            Milliseconds round_trip = 2ms) {
    time_.heard(broker, kNoon + at + off, kStart + at - round_trip / 2,
                kStart + at + round_trip / 2);
  }

  /// Of a host's clock that is ahead by that.
  std::optional<std::string> trouble(Milliseconds at, Milliseconds ahead) const {
    return time_.trouble(kNoon + at + ahead, kStart + at);
  }
  bool is_right(Milliseconds at, Milliseconds ahead) const { return !trouble(at, ahead); }

  BrokersTime time_;
};

TEST_F(Clocks, AreNotKnownToBeRightBeforeABrokerHasTold) {
  EXPECT_THAT(trouble(0s, 0s), Optional(HasSubstr("no broker has told its time")));
  told(0s);
  EXPECT_TRUE(is_right(0s, 0s));
  EXPECT_TRUE(is_right(60s, 0s));
  EXPECT_FALSE(is_right(61s, 0s)) << "what was long ago tells nothing";
}

TEST_F(Clocks, MayBeFiveSecondsOff) {
  told(0s);
  EXPECT_TRUE(is_right(0s, 5s));
  EXPECT_TRUE(is_right(0s, -5s));
  EXPECT_FALSE(is_right(0s, 5010ms));
  EXPECT_FALSE(is_right(0s, -5010ms));
}

TEST_F(Clocks, AreSaidToBeOffWithBothTimes) {
  told(0s);
  EXPECT_THAT(trouble(0s, 10s), Optional(HasSubstr("10 s ahead of the brokers': it says "
                                                   "2027-01-15T08:00:10.000Z, and they "
                                                   "2027-01-15T08:00:00.000Z")));
  EXPECT_THAT(trouble(0s, -10s), Optional(HasSubstr("10 s behind the brokers'")));
}

TEST_F(Clocks, ThatAreSetAreSeenAtOnce) {
  told(0s);
  EXPECT_TRUE(is_right(30s, 0s));
  EXPECT_FALSE(is_right(30s, 10s)) << "no broker was asked meanwhile";
  EXPECT_TRUE(is_right(30s, 0s));
}

TEST_F(Clocks, AreJudgedByWhatIsCertain) {
  told(0s, 0s, 1, 8s);
  EXPECT_TRUE(is_right(0s, 8s)) << "it may have been stamped as it was sent";
  EXPECT_FALSE(is_right(0s, 10s));
  told(1s);
  EXPECT_FALSE(is_right(1s, 8s)) << "now more is known";
  told(2s, 0s, 1, 8s);
  EXPECT_FALSE(is_right(2s, 8s)) << "and a slow answer takes nothing of that away";
}

TEST_F(Clocks, OfBrokersMayBeSetToo) {
  told(0s, 10s);
  EXPECT_FALSE(is_right(0s, 0s));
  told(1s, 0s);
  EXPECT_TRUE(is_right(1s, 0s));
}

TEST_F(Clocks, OfOneBrokerAmongThreePutNobodyInTheWrong) {
  told(0s, 0s, 1);
  told(0s, 20s, 2);
  EXPECT_TRUE(is_right(0s, 0s)) << "one of two";
  told(0s, 1s, 3);
  EXPECT_TRUE(is_right(0s, 0s));
  EXPECT_FALSE(is_right(0s, 20s)) << "who agrees with that one alone is off";
  EXPECT_EQ(time_.compare(kNoon, kStart)->brokers, kNoon + 1s) << "the one in the middle";
}

TEST_F(Clocks, OfBrokersThatAreGoneHaveNoWord) {
  told(0s, 20s, 1);
  told(0s, 20s, 2);
  told(30s, 0s, 3);
  EXPECT_FALSE(is_right(60s, 0s));
  EXPECT_TRUE(is_right(61s, 0s));
}

}  // namespace
}  // namespace boxoffice::event_log
