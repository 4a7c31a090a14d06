// Nothing is decided by a clock that is wrong, and no time is moved by it.

#include "tests/processor/processor_test.hpp"

namespace boxoffice::processor {
namespace {

/// A processor whose clock is off by what the test says, and who knows it.
class WrongClock : public ProcessorTest {
 protected:
  WrongClock() {
    clock_trouble_ = [this](Instant clock) {
      return clock == now_ ? std::nullopt : std::optional<std::string>("off");
    };
    start();
  }

  void step_by_its_clock() { processor_->step(now_ + off_); }

  schema::Milliseconds off_{};
};

TEST_F(WrongClock, TakesNothingOver) {
  for (const schema::Milliseconds off : {10s, -10s}) {
    restart();
    off_ = off;
    const Asked asked = ask("create", create(details(2)));
    step_by_its_clock();
    EXPECT_TRUE(is<Unavailable>(asked)) << "it waits for nothing";
    EXPECT_EQ(processor_->stats().take_overs, 0u) << "it fences nobody";
    EXPECT_FALSE(processor_->status().ready);
    EXPECT_EQ(processor_->status().reason, "off");
    EXPECT_TRUE(processor_->status().retry_helps);
  }
}

TEST_F(WrongClock, LetsGoOfWhatItHolds) {
  open_occasion(2);
  const auto before = history();
  off_ = 1h;
  const Asked asked = ask_claim("mine", "ada");
  step_by_its_clock();
  EXPECT_TRUE(is<Unavailable>(asked));
  EXPECT_EQ(history(), before);
  EXPECT_EQ(processor_->status().reason, "off");
}

TEST_F(WrongClock, GoesOnAtOnceWhenTheClockIsRightAndFromTheRightTime) {
  open_occasion(2, 5min);
  const Asked held = ask_claim("held", "ada");
  step();
  off_ = 1h;
  step_by_its_clock();
  off_ = 0s;
  const Asked asked = ask_claim("mine", "bob");
  step_by_its_clock();
  EXPECT_TRUE(processor_->status().ready) << processor_->status().reason;
  EXPECT_EQ(outcome_of(asked).deciding_event().envelope.time, now_);
  EXPECT_EQ(event_of<schema::TicketClaimed>(asked).number, 2) << "the first has not expired";
}

}  // namespace
}  // namespace boxoffice::processor
