// Commands that come through a topic, from gateways that are processes of their own: in its order,
// once, from where those before were decided.

#include "tests/processor/topic.hpp"

#include "commands/processor/adoption.hpp"
#include "event-log/copy_mark.hpp"

namespace boxoffice::processor {
namespace {

TEST_F(Topic, TellsWhoAskedWhatStandsOnTheLog) {
  open_occasion(10);
  const Asked asked = ask_claim("mine");
  EXPECT_FALSE(asked->has_value());
  step();
  const event_log::CommittedEvent& told = outcome_of(asked).deciding_event();
  EXPECT_EQ(told.value, **log_->at(told.envelope.position));
  EXPECT_EQ(told.envelope.command_log, "cluster/commands");
  EXPECT_EQ(told.envelope.command_offset, 2);
  EXPECT_EQ(std::get<schema::TicketClaimed>(told.event).number, 1);
  EXPECT_EQ(told.topic, schema::topic_of(told.event));
  EXPECT_EQ(here_.underway(), 0u);
}

TEST_F(Topic, AnswersARepeatAtAnotherGatewayWithTheSame) {
  open_occasion(10);
  const Asked first = ask_claim("mine");
  step();
  const Asked again = ask(there_, "mine", claim("mine", "mine"));
  step();
  EXPECT_TRUE(outcome_of(again).repeated);
  EXPECT_EQ(outcome_of(again).deciding_event().value, outcome_of(first).deciding_event().value);
  Submission other = vocabulary::submission(occasion(), "mine", claim("mine", "you"), now_);
  other.identity = identity("mine", "another body");
  Asked refused = std::make_shared<std::optional<Answer>>();
  other.respond = [refused](Answer answer) { *refused = std::move(answer); };
  there_.submit(std::move(other));
  step();
  EXPECT_TRUE(is<KeyReused>(refused));
}

TEST_F(Topic, GoesOnBehindTheLastThatWasDecided) {
  for (const bool with_snapshot : {false, true}) {
    SCOPED_TRACE(with_snapshot);
    if (end() == 0) open_occasion(10);
    const Asked before = ask_claim(with_snapshot ? "c" : "a");
    step();
    if (with_snapshot) leave();
    const std::uint64_t decided = end();
    crash();
    start();
    const Asked meanwhile = ask_claim(with_snapshot ? "d" : "b");
    step();
    EXPECT_EQ(end(), decided + 1);
    EXPECT_EQ(processor_->stats().commands_repeated, 0u) << "none came again";
    EXPECT_TRUE(before->has_value());
    EXPECT_TRUE(std::holds_alternative<schema::TicketClaimed>(
        outcome_of(meanwhile).deciding_event().event));
  }
}

TEST_F(Topic, DecidesAgainWhatGotLostAndNothingElse) {
  open_occasion(10);
  const std::uint64_t before = end();
  for (const bool is_committed : {false, true}) {
    SCOPED_TRACE(is_committed);
    next_append_ = event_log::AppendFate::in_doubt;
    settles_committed_ = is_committed;
    const Asked asked = ask_claim(is_committed ? "b" : "a");
    step();
    EXPECT_FALSE(asked->has_value()) << "nobody knows yet";
    step();
    EXPECT_FALSE(outcome_of(asked).repeated);
  }
  EXPECT_EQ(end(), before + 2);
}

TEST_F(Topic, DecidesInTheTopicsOrderAlsoWhatHadBeenTakenWhenItWasLost) {
  settings_.batch_commands_max = 1;
  crash();
  start();
  open_occasion(10);
  const std::uint64_t before = end();
  for (const char* key : {"a", "b", "c"}) ask_claim(key);
  now_ += 1h;  // all of them come too late, which binds no key
  next_append_ = event_log::AppendFate::refused;
  step();
  step();
  std::vector<std::int64_t> offsets;
  for (std::uint64_t n = before + 1; n <= end(); ++n)
    offsets.push_back(*event_at(n).envelope.command_offset);
  EXPECT_THAT(offsets, testing::ElementsAre(2, 3, 4));
}

TEST_F(Topic, BeginsAnewWithTheCommandsOfAnotherTopic) {
  open_occasion(10);
  crash();
  const auto old = std::exchange(
      commands_, std::make_unique<event_log::MemoryCommands>(kPartitions, "elsewhere/commands"));
  post::PostedCommands anew(gateway("new"), *commands_);
  const std::uint64_t before = store_->end(kPartition).value;
  ask(anew, "mine", claim("mine", "mine"));
  start();
  step();
  EXPECT_EQ(end(), before + 1);
  crash();
}

/// As a log that was copied away and back, into the topics that it came from.
TEST_F(Topic, DecidesNothingOfWhatStandsThereWhenACopyIsAdopted) {
  open_occasion(10);
  now_ += 1h;
  ask_claim("late");  // that came too late, which binds no key
  now_ += 1h;
  step();
  crash();
  log_ = event_log::open_memory(store_);
  const auto copy = std::make_shared<Batch>();
  copy->keys.push_back(event_log::record_of(
      {.state = event_log::CopyState::whole, .id = "the-copy", .from = "embedded"}));
  const schema::Partition zero{0};
  ASSERT_TRUE((*log_->take_over(std::span(&zero, 1)))->append(copy));
  ASSERT_TRUE(adopt_copy(*log_, "kafka", now_, [this](schema::Partition partition) {
    return commands_->source(partition);
  }));
  const std::uint64_t before = end();
  start();
  step();
  EXPECT_EQ(end(), before) << "all of it was sent to another history";
  EXPECT_EQ(processor_->stats().commands_repeated, 0u);
  const Asked asked = ask_claim("mine");
  step();
  EXPECT_FALSE(outcome_of(asked).repeated);
  EXPECT_EQ(end(), before + 1);
}

}  // namespace
}  // namespace boxoffice::processor
