// Commands that are deleted before anybody has decided them are an event.

#include "tests/processor/changed_topic.hpp"
#include "tests/processor/topic.hpp"

namespace boxoffice::processor {
namespace {

/// Commands that are deleted before anybody has decided them.
class DeletedCommands : public Topic {
 protected:
  using Range = std::pair<std::int64_t, std::int64_t>;

  DeletedCommands() { open_occasion(10); }  // offsets 0 and 1

  /// What history says was skipped, in its order.
  std::vector<Range> skipped() {
    std::vector<Range> ranges;
    for (std::uint64_t n = 1; n <= end(); ++n) {
      const auto event = event_at(n);
      if (const auto* skipped = std::get_if<schema::CommandsSkipped>(&event.event))
        ranges.emplace_back(skipped->from, skipped->through);
    }
    return ranges;
  }
};

TEST_F(DeletedCommands, AreAnEventBeforeTheNextOutcome) {
  crash();
  ask_claim("gone");
  ask_claim("gone too");
  ask_claim("kept");
  commands_->forget_before(kPartition, 4);
  const std::uint64_t before = store_->end(kPartition).value;
  start();
  step();
  ASSERT_EQ(end(), before + 2);
  const auto told = event_at(before + 1);
  EXPECT_EQ(told.event,
            schema::Event(schema::CommandsSkipped{.log = "cluster/commands",
                                                  .from = 2,
                                                  .through = 3,
                                                  .end = 5,
                                                  .found = schema::SkipFound::taking_over}));
  EXPECT_EQ(told.envelope.subject, std::to_string(kPartition.value));
  EXPECT_EQ(told.envelope.command_offset, 3);
  EXPECT_EQ(told.envelope.command_log, "cluster/commands");
  EXPECT_EQ(told.envelope.causation + told.envelope.actor, "") << "nobody asked for it";
  EXPECT_EQ(event_at(before + 2).envelope.command_offset, 4);
  EXPECT_EQ(processor_->stats().commands_skipped, 2u);
  ASSERT_TRUE(told_.has_value());
  EXPECT_EQ(told_->position, told.envelope.position);
  EXPECT_THAT(passed_over_, testing::IsEmpty());
}

TEST_F(DeletedCommands, AreToldOnceAlsoWhereNothingIsLeft) {
  crash();
  ask_claim("gone");
  commands_->forget_before(kPartition, 3);
  for (const bool with_snapshot : {false, true, false}) {
    SCOPED_TRACE(with_snapshot);
    start();
    step();
    EXPECT_TRUE(processor_->status().ready);
    EXPECT_THAT(skipped(), testing::ElementsAre(Range{2, 2})) << "found by one, known to the next";
    if (with_snapshot) leave();
    crash();
  }
  start();
}

TEST_F(DeletedCommands, AreToldByTheNextWhereTheTellingGotLost) {
  for (const bool is_committed : {false, true}) {
    SCOPED_TRACE(is_committed);
    crash();
    ask_claim(is_committed ? "b" : "a");
    commands_->forget_before(kPartition, is_committed ? 4 : 3);
    next_append_ = event_log::AppendFate::in_doubt;
    settles_committed_ = is_committed;
    start();
    step();
    step();
    EXPECT_TRUE(processor_->status().ready);
  }
  EXPECT_THAT(skipped(), testing::ElementsAre(Range{2, 2}, Range{3, 3}));
}

TEST_F(DeletedCommands, AreToldByWhoHoldsThePartition) {
  ask_claim("decided");
  step();
  ask_claim("gone");
  ask_claim("kept");
  commands_->forget_before(kPartition, 4);
  const std::uint64_t before = end();
  step();
  step();  // it has looked where the topic begins now
  ASSERT_EQ(end(), before + 2);
  const auto told = event_at(before + 1);
  EXPECT_EQ(std::get<schema::CommandsSkipped>(told.event).found, schema::SkipFound::deciding);
  EXPECT_THAT(skipped(), testing::ElementsAre(Range{3, 3}));
}

TEST_F(DeletedCommands, AreTheTopicsFirstWhereNothingOfItWasDecided) {
  crash();
  commands_ = std::make_unique<event_log::MemoryCommands>(kPartitions, "elsewhere/commands");
  post::PostedCommands anew(gateway("new"), *commands_);
  ask(anew, "gone", claim("gone", "gone"));
  ask(anew, "kept", claim("kept", "kept"));
  commands_->forget_before(kPartition, 1);
  start();
  step();
  EXPECT_THAT(skipped(), testing::ElementsAre(Range{0, 0}));
  crash();
}

TEST_F(DeletedCommands, AreDecidedAnewWhereTheyAreAskedAgain) {
  crash();
  const Asked gone = ask_claim("mine");
  commands_->forget_before(kPartition, 3);
  start();
  step();
  EXPECT_FALSE(gone->has_value()) << "whoever waits is answered by time alone";
  const Asked again = ask(there_, "mine", claim("mine", "mine"));
  step();
  EXPECT_FALSE(outcome_of(again).repeated);
  EXPECT_TRUE(
      std::holds_alternative<schema::TicketClaimed>(outcome_of(again).deciding_event().event));
}

/// A topic that has no record at some offset, as behind another program's transaction.
class Holed final : public Changed {
 public:
  Holed(std::unique_ptr<event_log::CommandSource> source, std::uint64_t hole)
      : Changed(std::move(source)), hole_(hole) {}
  event_log::Result<std::span<const event_log::CommandRecord>> read(std::size_t max) override {
    found_.clear();
    const auto records = Changed::read(max);
    if (!records) return records;
    std::ranges::copy_if(*records, std::back_inserter(found_),
                         [this](const auto& record) { return record.offset != hole_; });
    return std::span<const event_log::CommandRecord>(found_);
  }

 private:
  const std::uint64_t hole_;
  std::vector<event_log::CommandRecord> found_;
};

TEST_F(DeletedCommands, AreNotWhatNeverWasThere) {
  crash();
  around_ = [](auto source) { return std::make_unique<Holed>(std::move(source), 3); };
  start();
  const std::uint64_t before = end();
  ask_claim("a");
  ask_claim("in the hole");
  const Asked behind = ask_claim("c");
  step();
  step();  // what lies behind a gap waits for the next time
  EXPECT_TRUE(behind->has_value());
  EXPECT_EQ(end(), before + 2);
  EXPECT_THAT(skipped(), testing::IsEmpty());
  EXPECT_THAT(passed_over_, testing::ElementsAre(testing::StartsWith("3-4 ")));
}

}  // namespace
}  // namespace boxoffice::processor
