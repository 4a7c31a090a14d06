// Why a process is not ready is told once, and again when it is something else.

#include "app/serve/readiness_lines.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "journal/journal.hpp"

namespace boxoffice::app {
namespace {

class AReadinessLog : public ::testing::Test {
 protected:
  AReadinessLog() {
    if (!journal::has_begun()) journal::begin("info");
  }

  /// How many lines a look writes.
  std::ptrdiff_t lines(std::vector<std::string> reasons) {
    ::testing::internal::CaptureStderr();
    lines_.look({.ready = reasons.empty(), .reasons = std::move(reasons)});
    return std::ranges::count(::testing::internal::GetCapturedStderr(), '\n');
  }

  ReadinessLines lines_;
};

TEST_F(AReadinessLog, TellsAReasonOnce) {
  EXPECT_EQ(lines({"no brokers"}), 1);
  EXPECT_EQ(lines({"no brokers"}), 0);
  EXPECT_EQ(lines({"no brokers", "no projectors"}), 2);
  EXPECT_EQ(lines({}), 1);
  EXPECT_EQ(lines({}), 0);
  EXPECT_EQ(lines({"no brokers"}), 1);
}

TEST_F(AReadinessLog, TakesAClockThatGoesOnForNoNews) {
  EXPECT_EQ(lines({"the clock is 9 s ahead: it says 2027-01-16T19:00:00.000Z"}), 1);
  EXPECT_EQ(lines({"the clock is 9 s ahead: it says 2027-01-16T19:00:00.500Z"}), 0);
  EXPECT_EQ(lines({"the clock is 10 s ahead: it says 2027-01-16T19:00:01.000Z"}), 0);
  EXPECT_EQ(lines({"the clock is 10 s behind: it says 2027-01-16T19:00:01.000Z"}), 1);
}

}  // namespace
}  // namespace boxoffice::app
