// Expiry comes in slices, between other people's commands.

#include "tests/processor/processor_test.hpp"

namespace boxoffice::processor {
namespace {

class Timers : public ProcessorTest {
 protected:
  static constexpr int kClaims = 1000;

  Timers() {
    settings_.timer_events_max = 100;
    settings_.timer_events_beside_commands_max = 30;
    start();
    open_occasion(kClaims, 1min);
    for (int i = 0; i < kClaims; ++i) ask_claim("k" + std::to_string(i), "p" + std::to_string(i));
    step();
  }
};

TEST_F(Timers, SayWhenTheyAreDue) { EXPECT_EQ(step().next, now_ + 1min); }

TEST_F(Timers, SettleASliceAStep) {
  const auto before = log_->end(partition()).value;
  now_ += 1min;
  EXPECT_TRUE(step().more);
  EXPECT_EQ(log_->end(partition()).value, before + 100);
  step_until_idle();
  EXPECT_EQ(log_->end(partition()).value, before + kClaims);
  EXPECT_EQ(processor_->stats().timer_events, std::uint64_t{kClaims});
  EXPECT_FALSE(step().next.has_value());
}

TEST_F(Timers, SettleASmallerSliceWhileSomebodyWaits) {
  now_ += 1min;
  const auto before = log_->end(partition()).value;
  ask_claim("new", "somebody new");
  step();
  EXPECT_EQ(log_->end(partition()).value, before + 30 + 1);
}

TEST_F(Timers, KeepNobodyWaiting) {
  now_ += 1min;
  const Asked asked = ask_claim("new", "somebody new");
  step();
  EXPECT_TRUE(
      std::holds_alternative<schema::TicketClaimed>(outcome_of(asked).deciding_event().event))
      << "all are due, some are settled, so one is free";
}

TEST_F(Timers, NameTheEventThatArmedThemAndNobodyElse) {
  now_ += 1min;
  const schema::Sequence first = log_->end(partition()).next();
  step();
  const auto event = event_at({partition(), first});
  ASSERT_TRUE(std::holds_alternative<schema::ClaimExpired>(event.event));
  EXPECT_EQ(event.envelope.causation, schema::event_id({partition(), {3}}));
  EXPECT_EQ(event.envelope.correlation, "");
  EXPECT_EQ(event.envelope.actor, "");
  EXPECT_FALSE(event.envelope.received.has_value());
}

TEST_F(Timers, OfManyPartitionsTakeTurns) {
  std::vector<domain::SubjectId> others;
  for (int i = 0; others.size() < 3; ++i) {
    const auto subject = occasion("other" + std::to_string(i));
    if (schema::partition_of(schema::to_text(subject), kPartitions) != partition())
      others.push_back(subject);
  }
  for (std::size_t i = 0; i < others.size(); ++i) {
    const std::string n = std::to_string(i);
    ask(submission(others[i], "c" + n, create(details(1, 1min)), now_));
    ask(submission(others[i], "o" + n, open(), now_));
    ask(submission(others[i], "x" + n, claim("x" + n, "ada"), now_));
  }
  step();
  now_ += 1min;
  for (int i = 0; i < 4; ++i) step();
  for (const auto& other : others) {
    const auto theirs = schema::partition_of(schema::to_text(other), kPartitions);
    const auto last = event_at({theirs, log_->end(theirs)});
    EXPECT_TRUE(std::holds_alternative<schema::ClaimExpired>(last.event));
  }
}

}  // namespace
}  // namespace boxoffice::processor
