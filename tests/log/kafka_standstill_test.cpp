// What is known of a lane from outside: how far its reader has come, and where it ends.
#include <gtest/gtest.h>

#include "event-log/kafka/standstill.hpp"

namespace boxoffice::event_log::kafka {
namespace {

using std::chrono::seconds;

class AStandstill : public ::testing::Test {
 protected:
  AStandstill() { standstill_.begins_at(4); }

  static Standstill::Clock::time_point at(int second) {
    return Standstill::Clock::time_point(seconds(1000 + second));
  }

  Standstill standstill_;
};

TEST_F(AStandstill, IsNoneWhileThereIsNothingMore) {
  EXPECT_FALSE(standstill_.ends_at(4, at(0)));
  standstill_.looked(4, at(9));
  EXPECT_EQ(standstill_.lasts(), seconds(0));
}

TEST_F(AStandstill, LastsSinceThereWasMoreUntilItsReaderLooked) {
  EXPECT_TRUE(standstill_.ends_at(5, at(1)));
  EXPECT_TRUE(standstill_.ends_at(7, at(2)));
  standstill_.looked(4, at(3));
  EXPECT_EQ(standstill_.lasts(), seconds(2));
}

TEST_F(AStandstill, IsNotOfAReaderThatIsBusy) {
  standstill_.looked(4, at(0));
  EXPECT_TRUE(standstill_.ends_at(5, at(1)));
  EXPECT_TRUE(standstill_.ends_at(9, at(8)));
  EXPECT_EQ(standstill_.lasts(), seconds(0));
}

TEST_F(AStandstill, BeginsAnewWithWhateverComes) {
  standstill_.ends_at(9, at(0));
  standstill_.looked(5, at(5));
  EXPECT_EQ(standstill_.lasts(), seconds(0));
  standstill_.looked(5, at(6));
  EXPECT_EQ(standstill_.lasts(), seconds(1));
}

TEST_F(AStandstill, IsOverAtTheEndBeItBehindMarkersAlone) {
  standstill_.ends_at(9, at(0));
  standstill_.looked(4, at(5));
  standstill_.looked(9, at(6));
  standstill_.looked(9, at(9));
  EXPECT_EQ(standstill_.lasts(), seconds(0));
}

TEST_F(AStandstill, IsOverWhereWhatWasThereIsGone) {
  standstill_.ends_at(9, at(0));
  standstill_.looked(4, at(5));
  standstill_.ends_at(4, at(6));
  EXPECT_EQ(standstill_.lasts(), seconds(0));
}

TEST_F(AStandstill, IsForgottenWhereItsReaderBeginsElsewhere) {
  standstill_.ends_at(9, at(0));
  standstill_.looked(4, at(5));
  standstill_.begins_at(7);
  standstill_.looked(7, at(6));
  EXPECT_EQ(standstill_.lasts(), seconds(0));
}

}  // namespace
}  // namespace boxoffice::event_log::kafka
