// One key, one outcome: whenever, however often and wherever it is asked for again.

#include "tests/processor/processor_test.hpp"

namespace boxoffice::processor {
namespace {

class Idempotency : public ProcessorTest {
 protected:
  Idempotency() {
    start();
    open_occasion(10);
  }

  void expect_same(const Asked& first, const Asked& again) {
    EXPECT_EQ(values_of(outcome_of(first)), values_of(outcome_of(again)));
    EXPECT_TRUE(outcome_of(again).repeated);
  }
};

TEST_F(Idempotency, HoldsWithinABatch) {
  const Asked first = ask_claim("k1", "ada");
  const Asked again = ask_claim("k1", "ada");
  step();
  expect_same(first, again);
  EXPECT_EQ(log_->end(partition()).value, 3u);
}

TEST_F(Idempotency, HoldsLater) {
  const Asked first = ask_claim("k1", "ada");
  step();
  ask_claim("k2", "bob");
  step();
  const Asked again = ask_claim("k1", "ada");
  step();
  expect_same(first, again);
  EXPECT_EQ(processor_->stats().commands_repeated, 1u);
}

TEST_F(Idempotency, HoldsForRefusals) {
  ask_claim("k1", "ada");
  const Asked first = ask_claim("k2", "ada");
  step();
  ASSERT_EQ(event_of<schema::ClaimRefused>(first).refusal, schema::ClaimRefusal::already_claimed);
  ask("k3", release("k1"));
  step();
  const Asked again = ask_claim("k2", "ada");
  step();
  expect_same(first, again);
}

TEST_F(Idempotency, HoldsAfterARestart) {
  const Asked first = ask_claim("k1", "ada");
  step();
  restart();
  const Asked again = ask_claim("k1", "ada");
  step();
  expect_same(first, again);
}

TEST_F(Idempotency, HoldsAfterARestartFromASnapshot) {
  const Asked first = ask_claim("k1", "ada");
  step();
  leave();
  restart();
  const Asked again = ask_claim("k1", "ada");
  step();
  expect_same(first, again);
}

TEST_F(Idempotency, LeavesOutOfARepeatWhatTheCommandSettledOnItsWay) {
  stop();
  settings_.timer_events_max = 0;  // so that the command has to settle it
  start();
  const Asked held = ask_claim("k1", "ada");
  step();
  now_ += 6min;
  const Asked first = ask_claim("k2", "ada");
  step();
  EXPECT_EQ(outcome_of(first).count, 1u);
  EXPECT_EQ(log_->end(partition()).value, 5u) << "an expiry and a claim";
  const auto expiry = event_at({partition(), {4}});
  EXPECT_EQ(expiry.envelope.causation,
            schema::event_id(outcome_of(held).deciding_event().envelope.position));
  const Asked again = ask_claim("k2", "ada");
  step();
  expect_same(first, again);
}

TEST_F(Idempotency, RefusesTheKeyForAnotherRequest) {
  ask_claim("k1", "ada");
  auto other = submission(occasion(), "k1", claim("k1", "bob"), now_);
  other.identity = identity("k1", "another request");
  const Asked at_once = ask(submission(occasion(), "k1", claim("k1", "ada"), now_));
  auto same = submission(occasion(), "k1", claim("k1", "bob"), now_);
  same.identity = other.identity;
  const Asked within = ask(std::move(other));
  step();
  const Asked later = ask(std::move(same));
  step();
  EXPECT_TRUE(is<Outcome>(at_once));
  EXPECT_TRUE(is<KeyReused>(within));
  EXPECT_TRUE(is<KeyReused>(later));
  EXPECT_EQ(processor_->stats().keys_reused, 2u);
}

TEST_F(Idempotency, EndsWithTheWindow) {
  const Asked first = ask_claim("k1", "ada");
  step();
  now_ += 24h - 1ms;
  const Asked within = ask_claim("k1", "ada");
  step();
  EXPECT_TRUE(outcome_of(within).repeated);
  now_ += 1ms;
  const Asked beyond = ask_claim("k1", "ada");
  step();
  EXPECT_FALSE(outcome_of(beyond).repeated);
}

TEST_F(Idempotency, OfWhatCameTooLateBindsNothing) {
  auto late = submission(occasion(), "k1", claim("k1", "ada"), now_);
  late.deadline = now_ - 1ms;
  const Asked refused = ask(std::move(late));
  step();
  EXPECT_EQ(event_of<schema::ClaimRefused>(refused).refusal, schema::ClaimRefusal::too_late);
  restart();
  const Asked again = ask_claim("k1", "ada");
  step();
  EXPECT_TRUE(
      std::holds_alternative<schema::TicketClaimed>(outcome_of(again).deciding_event().event));
}

TEST_F(Idempotency, OfARetryThatFollowsWhatCameTooLateIsKnownAfterARestart) {
  auto late = submission(occasion(), "k1", claim("k1", "ada"), now_);
  late.deadline = now_ - 1ms;
  ask(std::move(late));
  const Asked retry = ask_claim("k1", "ada");
  step();
  restart();
  const Asked again = ask_claim("k1", "ada");
  step();
  expect_same(retry, again);
}

TEST_F(Idempotency, WithoutRoomForAnotherKeyDecidesNothing) {
  stop();
  key_settings_.keys_max = 3;
  start();
  const Asked fits = ask_claim("k1", "ada");
  const Asked not_anymore = ask_claim("k2", "bob");
  const Asked known = ask_claim("k1", "ada");
  step();
  EXPECT_TRUE(is<Outcome>(fits));
  EXPECT_TRUE(is<Unavailable>(not_anymore));
  EXPECT_TRUE(is<Outcome>(known));
}

}  // namespace
}  // namespace boxoffice::processor
