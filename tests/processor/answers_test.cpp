// When a command is answered, and with what.

#include <numeric>

#include "tests/processor/processor_test.hpp"

namespace boxoffice::processor {
namespace {

class Answers : public ProcessorTest {
 protected:
  Answers() { start(); }
};

TEST_F(Answers, CarryTheEventsAsTheyStandOnTheLog) {
  open_occasion(2);
  const Asked asked = ask_claim("k1", "ada");
  step();
  const auto& event = outcome_of(asked).deciding_event();
  EXPECT_TRUE(std::holds_alternative<schema::TicketClaimed>(event.event));
  EXPECT_EQ(**log_->at(event.envelope.position), event.value);
  EXPECT_FALSE(outcome_of(asked).repeated);
}

TEST_F(Answers, ComeAfterTheAppendHasReturned) {
  bool appended = false;
  auto following = log_->follow([&](const auto&) { appended = true; });
  int answers = 0;
  on_answer_ = [&](const Answer& answer) {
    ++answers;
    EXPECT_TRUE(appended);
    const auto& position = std::get<Outcome>(answer).deciding_event().envelope.position;
    EXPECT_GE(log_->end(position.partition), position.sequence);
  };
  open_occasion(2);
  appended = false;
  ask_claim("k1", "ada");
  ask_claim("k2", "bob");
  EXPECT_EQ(answers, 2) << "the occasion's; claims wait for the step";
  step();
  EXPECT_EQ(answers, 4);
}

TEST_F(Answers, KeepTheOrderOfArrival) {
  open_occasion(3);
  std::vector<std::string> order;
  on_answer_ = [&](const Answer& answer) {
    order.push_back(std::get<Outcome>(answer).deciding_event().envelope.correlation);
  };
  for (const auto* key : {"k1", "k2", "k3"}) ask_claim(key, key);
  step();
  EXPECT_EQ(order, (std::vector<std::string>{"k1", "k2", "k3"}));
}

TEST_F(Answers, SayInTheEnvelopeWhoAskedAndWhen) {
  open_occasion(1);
  auto asked_of = submission(occasion(), "k1", claim("k1", "ada"), now_ - 20ms);
  asked_of.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const Asked asked = ask(std::move(asked_of));
  step();
  const schema::Envelope& envelope = outcome_of(asked).deciding_event().envelope;
  EXPECT_EQ(envelope.source, "boxoffice:memory000000");
  EXPECT_EQ(envelope.subject, schema::to_text(occasion()));
  EXPECT_EQ(envelope.causation, schema::to_text(identity("k1")));
  EXPECT_EQ(envelope.correlation, "k1");
  EXPECT_EQ(envelope.actor, "anonymous");
  EXPECT_EQ(envelope.traceparent, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  EXPECT_EQ(envelope.received, now_ - 20ms);
  EXPECT_EQ(envelope.time, now_);
}

TEST_F(Answers, RefuseTheSecondOfTwoForTheLastTicketInOneBatch) {
  open_occasion(1);
  const Asked first = ask_claim("k1", "ada");
  const Asked second = ask_claim("k2", "bob");
  step();
  EXPECT_EQ(event_of<schema::TicketClaimed>(first).number, 1);
  EXPECT_EQ(event_of<schema::ClaimRefused>(second).refusal, schema::ClaimRefusal::sold_out);
  EXPECT_EQ(processor_->stats().refusals.at("sold_out"), 1u);
}

TEST_F(Answers, ToOneBatchShareOneAppend) {
  open_occasion(100);
  const auto before = processor_->stats();
  for (int i = 0; i < 50; ++i) ask_claim("k" + std::to_string(i), "p" + std::to_string(i));
  step();
  const auto after = processor_->stats();
  EXPECT_EQ(after.batches, before.batches + 1);
  EXPECT_EQ(after.commands_decided, before.commands_decided + 50);
}

TEST_F(Answers, AreBoundedInCommandsABatch) {
  stop();
  settings_.batch_commands_max = 10;
  start();
  open_occasion(100);
  std::vector<Asked> asked;
  for (int i = 0; i < 25; ++i)
    asked.push_back(ask_claim("k" + std::to_string(i), "p" + std::to_string(i)));
  EXPECT_TRUE(step().more);
  EXPECT_TRUE(asked[9]->has_value());
  EXPECT_FALSE(asked[10]->has_value());
  step_until_idle();
  EXPECT_TRUE(asked[24]->has_value());
}

TEST_F(Answers, AreBoundedInBytesABatch) {
  stop();
  settings_.batch_bytes_max = 2000;
  start();
  open_occasion(100);
  std::vector<Asked> asked;
  for (int i = 0; i < 10; ++i)
    asked.push_back(ask_claim("k" + std::to_string(i), "p" + std::to_string(i)));
  EXPECT_TRUE(step().more);
  EXPECT_FALSE(asked[9]->has_value());
  step_until_idle();
  EXPECT_TRUE(asked[9]->has_value());
}

TEST_F(Answers, SayAtOnceThatTheInboxIsFull) {
  stop();
  settings_.inbox_submissions_max = 2;
  start();
  ask_claim("k1", "ada");
  ask_claim("k2", "bob");
  EXPECT_TRUE(is<Unavailable>(ask_claim("k3", "cyd")));
  step();
  EXPECT_FALSE(ask_claim("k4", "dan")->has_value()) << "there is room again";
}

TEST_F(Answers, LetNothingInAfterClosing) {
  open_occasion(1);
  const Asked before = ask_claim("k1", "ada");
  processor_->close();
  EXPECT_TRUE(is<Unavailable>(ask_claim("k2", "bob")));
  step();
  EXPECT_TRUE(is<Outcome>(before));
}

TEST_F(Answers, SayTooLargeWhereAnEventWouldNotFitAndDecideNothing) {
  open_occasion(1);
  auto huge = details(1);
  huge.notes.assign(event_log::kValueBytesMax, 'x');
  const auto before = history();
  const Asked asked = ask("big", schema::Command(schema::CreateOccasion{.details = huge}));
  const Asked after = ask_claim("k1", "ada");
  step();
  EXPECT_TRUE(is<TooLarge>(asked));
  EXPECT_TRUE(is<Outcome>(after)) << "the chain goes on where it stood";
  EXPECT_EQ(history().size(), before.size() + 1);
  const Asked smaller = ask("big", create(details(1)));
  step();
  EXPECT_TRUE(is<Outcome>(smaller)) << "the key was not bound";
}

TEST_F(Answers, PutTheKeyOfAGrantedCommandOnTheLogAndOfARefusedNot) {
  open_occasion(1);
  auto granted = submission(occasion(), "k1", claim("k1", "ada"), now_);
  granted.key = {"person/ada/1", "wrapped"};
  auto refused = submission(occasion(), "k2", claim("k2", "bob"), now_);
  refused.key = {"person/bob/1", "wrapped"};
  ask(std::move(granted));
  ask(std::move(refused));
  step();
  EXPECT_EQ(**log_->key(partition(), "person/ada/1"), "wrapped");
  EXPECT_FALSE((*log_->key(partition(), "person/bob/1")).has_value());
}

TEST_F(Answers, NeverLetTimeGoBack) {
  open_occasion(2);
  const Instant then = now_;
  now_ -= 1h;
  const Asked asked = ask(submission(occasion(), "k1", claim("k1", "ada"), then));
  step();
  EXPECT_EQ(outcome_of(asked).deciding_event().envelope.time, then);
  EXPECT_EQ(processor_->stats().clock_behind_ms, 3'600'000u);
}

TEST_F(Answers, SayThatTimeStandsStillWhereHistoryIsAheadOfTheClock) {
  open_occasion(2);
  now_ -= 3h;  // whoever wrote that had another clock
  restart();
  step();
  EXPECT_EQ(processor_->stats().clock_behind_ms, 3 * 3'600'000u);
  now_ += 3h;
  step();
  EXPECT_EQ(processor_->stats().clock_behind_ms, 0u);
}

TEST_F(Answers, AreTheEndOfACycle) {
  const auto cycles = [this] {
    const auto counts = processor_->stats().cycle_us.counts;
    return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  };
  open_occasion(2);
  const std::uint64_t before = cycles();
  ask_claim("k1", "ada");
  ask_claim("k2", "bob");
  step();
  EXPECT_EQ(cycles(), before + 1) << "both in one";
  now_ += 1h;
  step();
  EXPECT_EQ(cycles(), before + 1) << "what a timer did answers nobody";
}

TEST_F(Answers, LeaveNothingBehind) {
  settings_.batch_commands_max = 1;
  restart();
  open_occasion(2);
  step_until_idle();
  EXPECT_EQ(processor_->behind(now_), 0ms);
  ask(submission(occasion(), "k1", claim("k1", "ada"), now_ - 5s));
  ask(submission(occasion(), "k2", claim("k2", "bob"), now_ - 3s));
  EXPECT_TRUE(step().more);
  EXPECT_EQ(processor_->behind(now_), 3s) << "the second waits for its batch";
  step();
  EXPECT_EQ(processor_->behind(now_), 0ms);
}

TEST_F(Answers, FormAChainOverAllEventsOfAPartition) {
  open_occasion(5);
  for (int i = 0; i < 5; ++i) ask_claim("k" + std::to_string(i), "p" + std::to_string(i));
  step();
  std::optional<schema::Digest> previous;
  for (std::uint64_t i = 1; i <= log_->end(partition()).value; ++i) {
    const auto event = event_at({partition(), {i}});
    EXPECT_EQ(event.envelope.previous, previous);
    previous = sealing::sha256(event.value);
  }
}

}  // namespace
}  // namespace boxoffice::processor
