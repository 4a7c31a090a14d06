// How much of a thread's time goes into reading what came of earlier commands.

#include "commands/processor/recall_allowance.hpp"

#include "tests/processor/processor_test.hpp"

namespace boxoffice::processor {
namespace {

using std::chrono::milliseconds;

/// Readings of the same length, one after the other wherever there is time for one.
struct Readings {
  const RecallAllowance::Time free = 50us;
  RecallAllowance allowance{{.one_in = 4, .saved_max = 50ms, .alone_max = 2s, .free = free}};
  milliseconds now = 1h;

  int until(milliseconds end, milliseconds each, bool alone = false) {
    int count = 0;
    for (; now < end; now += 1ms) {
      allowance.begin(now, alone);
      count += batch(end, each);
    }
    return count;
  }

  int batch(milliseconds end, milliseconds each) {
    int count = 0;
    for (; now < end && allowance.is_left(now); ++count) {
      allowance.spend(each);
      now += each;
    }
    return count;
  }
};

TEST(RecallAllowance, IsAShareOfTheTimeThatPasses) {
  Readings readings;
  EXPECT_NEAR(readings.until(1h + 10s, 20ms), 10'000 / 4 / 20, 5);
}

TEST(RecallAllowance, IsSavedUpToItsBound) {
  Readings readings;
  readings.until(1h + 1s, 20ms);
  readings.now += 24h;
  const int at_once = readings.until(readings.now + 120ms, 20ms);
  EXPECT_NEAR(at_once, 50 / 20, 2) << "a day's savings are not spent";
}

TEST(RecallAllowance, IsPaidBackAfterOneThatTookLong) {
  Readings readings;
  readings.until(1h + 1s, 1s);
  EXPECT_FALSE(readings.allowance.is_left(1h + 3s));
  EXPECT_TRUE(readings.allowance.is_left(1h + 5s));
}

TEST(RecallAllowance, IsAllOfTheTimeWhileNobodyElseWantsAny) {
  Readings readings;
  readings.until(1h + 1s, 1s);
  EXPECT_GE(readings.until(1h + 11s, 20ms, true), 450);
  readings.allowance.begin(readings.now, true);
  EXPECT_NEAR(readings.batch(readings.now + 1h, 20ms), 2'000 / 20, 1) << "a batch has an end";
}

TEST(RecallAllowance, CountsNotWhatTakesNoTime) {
  Readings readings;
  readings.allowance.begin(readings.now, false);
  for (int i = 0; i < 10'000; ++i) readings.allowance.spend(readings.free - 1ns);
  EXPECT_TRUE(readings.allowance.is_left(readings.now));
}

/// On a log that is slow to find what was written long ago.
class RepeatsOnASlowLog : public ProcessorTest {
 protected:
  RepeatsOnASlowLog() {
    stopwatch_ = [this] { return elapsed_ += 20ms; };
    settings_.recalls = {.one_in = 10, .saved_max = 50ms, .alone_max = 1s, .free = 1ms};
    start();
    open_occasion(100);
    for (const auto& key : keys_of_old) ask_claim(key, key);
    step();
  }

  const std::vector<std::string> keys_of_old{"k1", "k2", "k3", "k4", "k5", "k6", "k7", "k8"};
  std::chrono::nanoseconds elapsed_{};
};

TEST_F(RepeatsOnASlowLog, KeepOthersWaitingForAPartOfTheTimeOnly) {
  std::vector<Asked> again;
  for (const auto& key : keys_of_old) again.push_back(ask_claim(key, key));
  const Asked other = ask_claim("new", "zoe");
  step();
  EXPECT_EQ(outcome_of(other).count, 1u);
  const auto put_off = std::ranges::count_if(
      again, [](const Asked& asked) { return std::holds_alternative<Unavailable>(**asked); });
  EXPECT_GT(put_off, 0);
  EXPECT_LT(put_off, std::ssize(again)) << "some are looked up at once";
  EXPECT_EQ(processor_->stats().repeats_put_off, static_cast<std::uint64_t>(put_off));
}

TEST_F(RepeatsOnASlowLog, ThatWerePutOffAreAnsweredLaterAndDecidedOnce) {
  const auto end = log_->end(partition());
  for (const auto& key : keys_of_old) {
    Asked again = ask_claim(key, key);
    step();
    for (int tries = 1; std::holds_alternative<Unavailable>(**again); ++tries) {
      ASSERT_LT(tries, 20);
      again = ask_claim(key, key);
      step();
    }
    EXPECT_TRUE(outcome_of(again).repeated);
  }
  EXPECT_EQ(log_->end(partition()), end);
}

TEST_F(RepeatsOnASlowLog, AreAllLookedUpWhereNobodyElseHasAskedForAWhile) {
  elapsed_ += settings_.alone_after;
  std::vector<Asked> again;
  for (const auto& key : keys_of_old) again.push_back(ask_claim(key, key));
  step();
  for (const Asked& asked : again) EXPECT_TRUE(outcome_of(asked).repeated);
}

TEST_F(RepeatsOnASlowLog, HaveNoMoreThanTheirShareAfterATakeOver) {
  elapsed_ += 24h;
  restart();
  std::vector<Asked> again;
  for (const auto& key : keys_of_old) again.push_back(ask_claim(key, key));
  step();
  EXPECT_GT(processor_->stats().repeats_put_off, 0u);
  EXPECT_LT(processor_->stats().repeats_put_off, keys_of_old.size());
}

TEST_F(RepeatsOnASlowLog, ThatNobodyWaitsForAreNotLookedUp) {
  const auto asked_at = now_;
  now_ += 1min + settings_.recalls_late_max + 1ms;  // their deadline is a minute
  elapsed_ += 1h;
  const auto before = elapsed_;
  const Asked late = ask(submission(occasion(), "k1", claim("k1", "k1"), asked_at));
  const auto batch = step();
  EXPECT_FALSE(batch.more);
  EXPECT_TRUE(std::holds_alternative<Unavailable>(**late));
  EXPECT_EQ(processor_->stats().repeats_put_off, 0u);
  EXPECT_LE(elapsed_ - before, 20ms) << "the batch's beginning alone is measured";
}

TEST_F(RepeatsOnASlowLog, WithinTheirBatchAreNoReading) {
  std::vector<Asked> again;
  for (int i = 0; i < 20; ++i) again.push_back(ask_claim("new", "zoe"));
  step();
  for (const Asked& asked : again) EXPECT_EQ(outcome_of(asked).count, 1u);
}

}  // namespace
}  // namespace boxoffice::processor
