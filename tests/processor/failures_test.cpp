// What becomes of commands, and of the state, when the log fails.

#include "tests/processor/processor_test.hpp"

namespace boxoffice::processor {
namespace {

using event_log::AppendFate;

class Failures : public ProcessorTest {
 protected:
  Failures() {
    faults_.append = [this](const Batch&) { return std::exchange(fate_, AppendFate::committed); };
    faults_.settle = [this](const Batch&) { return settles_committed_; };
    faults_.take_over_fails = [this] { return take_over_fails_; };
    start();
    open_occasion(2);
  }

  void wait_and_step() {
    now_ += settings_.take_over_wait_max;
    step();
  }

  AppendFate fate_ = AppendFate::committed;
  bool settles_committed_ = true;
  bool take_over_fails_ = false;
};

TEST_F(Failures, AnswerAllOfTheBatchUnavailable) {
  fate_ = AppendFate::refused;
  const Asked ada = ask_claim("k1", "ada");
  const Asked again = ask_claim("k1", "ada");
  const Asked bob = ask_claim("k2", "bob");
  step();
  EXPECT_TRUE(is<Unavailable>(ada));
  EXPECT_TRUE(is<Unavailable>(again));
  EXPECT_TRUE(is<Unavailable>(bob));
  EXPECT_EQ(log_->end(partition()).value, 2u);
}

TEST_F(Failures, LeaveNoTraceInTheState) {
  fate_ = AppendFate::refused;
  ask_claim("k1", "ada");
  ask_claim("k2", "bob");
  step();
  wait_and_step();
  const Asked cyd = ask_claim("k3", "cyd");
  const Asked ada = ask_claim("k1", "ada");
  step();
  EXPECT_EQ(event_of<schema::TicketClaimed>(cyd).number, 1);
  EXPECT_EQ(event_of<schema::TicketClaimed>(ada).number, 2);
  EXPECT_FALSE(outcome_of(ada).repeated);
}

TEST_F(Failures, KeepNobodyWaitingWhereThePartitionsAreAwayForLong) {
  settings_.away_max = 0ms;
  take_over_fails_ = true;
  restart();
  step();
  EXPECT_TRUE(is<Unavailable>(ask_claim("k1", "ada"))) << "and not by a step";
  EXPECT_EQ(processor_->stats().commands_unavailable, 1u);
  take_over_fails_ = false;
  wait_and_step();
  const Asked ada = ask_claim("k1", "ada");
  EXPECT_FALSE(ada->has_value());
  step();
  EXPECT_EQ(event_of<schema::TicketClaimed>(ada).number, 1);
}

TEST_F(Failures, AreToldWhileItIsAttemptedAgain) {
  std::string told;
  take_over_fails_ = true;
  may_take_over_ = [&]() -> std::expected<void, std::string> {
    told = processor_->status().reason;
    return {};
  };
  restart();
  step();
  const std::string why = processor_->status().reason;
  wait_and_step();
  EXPECT_THAT(told, testing::HasSubstr(why));
}

TEST_F(Failures, OfAppendsAreToldEach) {
  std::vector<std::string> told;
  on_append_failed_ = [&](const AppendFailed& failed) {
    EXPECT_EQ(failed.partitions.size(), kPartitions);
    EXPECT_EQ(failed.commands, 2u);
    EXPECT_EQ(failed.events, 1u) << "the second is the first again";
    told.push_back(failed.error.message);
  };
  restart();
  for (int i = 0; i < 2; ++i) {
    wait_and_step();
    fate_ = AppendFate::refused;
    ask_claim("k1", "ada");
    ask_claim("k1", "ada");
    step();
  }
  EXPECT_THAT(told, testing::SizeIs(2));
  EXPECT_THAT(told, testing::Each(testing::HasSubstr("refused by the fault plan")));
}

TEST_F(Failures, OfTakingOverAreToldOnceForEachReason) {
  std::vector<std::string> told;
  on_take_over_failed_ = [&](const TakeOverFailed& failed) {
    EXPECT_TRUE(failed.error.retry_helps);
    told.push_back(failed.error.message);
  };
  std::string why = "not yet";
  may_take_over_ = [&]() -> std::expected<void, std::string> { return std::unexpected(why); };
  restart();
  step();
  wait_and_step();
  why = "still not";
  wait_and_step();
  wait_and_step();
  EXPECT_THAT(told, testing::ElementsAre("not yet", "still not"));
}

TEST_F(Failures, WhoseBatchWasCommittedAfterAllShowItToARetry) {
  fate_ = AppendFate::in_doubt;
  const Asked ada = ask_claim("k1", "ada");
  step();
  EXPECT_TRUE(is<Unavailable>(ada));
  wait_and_step();
  const Asked again = ask_claim("k1", "ada");
  const Asked bob = ask_claim("k2", "bob");
  step();
  EXPECT_EQ(event_of<schema::TicketClaimed>(again).number, 1);
  EXPECT_TRUE(outcome_of(again).repeated);
  EXPECT_EQ(event_of<schema::TicketClaimed>(bob).number, 2);
}

TEST_F(Failures, WhoseBatchWasLostLetARetryDecideAnew) {
  fate_ = AppendFate::in_doubt;
  settles_committed_ = false;
  ask_claim("k1", "ada");
  step();
  wait_and_step();
  const Asked again = ask_claim("k1", "ada");
  step();
  EXPECT_FALSE(outcome_of(again).repeated);
}

TEST_F(Failures, ToTakeOverAreShownAndAnsweredAtOnce) {
  take_over_fails_ = true;
  restart();
  const Asked asked = ask_claim("k1", "ada");
  EXPECT_TRUE(step().next.has_value());
  EXPECT_TRUE(is<Unavailable>(asked));
  EXPECT_FALSE(processor_->status().ready);
  EXPECT_THAT(processor_->status().reason, testing::HasSubstr("fault plan"));
  take_over_fails_ = false;
  wait_and_step();
  EXPECT_TRUE(processor_->status().ready);
}

TEST_F(Failures, AreNotHurriedByNewCommands) {
  take_over_fails_ = true;
  restart();
  step();
  take_over_fails_ = false;
  step();
  EXPECT_FALSE(processor_->status().ready) << "too early for another attempt";
}

TEST_F(Failures, AreTriedAgainThoughTheClockWasSetBack) {
  take_over_fails_ = true;
  restart();
  step();
  take_over_fails_ = false;
  now_ -= 24h;
  step();
  EXPECT_TRUE(processor_->status().ready);
}

TEST_F(Failures, OfAZombieDecideNothing) {
  const auto other = event_log::open_memory(store_);
  const std::array mine{schema::Partition{0}, schema::Partition{1}, schema::Partition{2},
                        schema::Partition{3}};
  const auto writer = other->take_over(mine);
  const Asked asked = ask_claim("k1", "ada");
  step();
  EXPECT_TRUE(is<Unavailable>(asked));
  EXPECT_EQ(log_->end(partition()).value, 2u);
}

TEST_F(Failures, OfAPartitionOwnedElsewhereAreSaid) {
  stop();
  log_ = event_log::open_memory(store_);
  keys_ = std::make_unique<MemoryKeys>();
  const schema::Partition other{static_cast<std::uint16_t>((partition().value + 1) % kPartitions)};
  processor_ = std::make_unique<Processor>(
      settings_, Surroundings{*log_, *keys_, snapshots_, background_}, std::vector{other});
  const Asked asked = ask_claim("k1", "ada");
  step();
  EXPECT_TRUE(is<Unavailable>(asked));
}

}  // namespace
}  // namespace boxoffice::processor
