// A topic of commands that cannot be gone on with, for it is not what it was or cannot be read.

#include "tests/processor/changed_topic.hpp"
#include "tests/processor/topic.hpp"

namespace boxoffice::processor {
namespace {

TEST_F(Topic, DoesNotGoOnWhereTheTopicWasCutShort) {
  open_occasion(10);
  crash();
  commands_->cut_at(kPartition, 1);
  start();
  step();
  EXPECT_FALSE(processor_->status().ready);
  EXPECT_FALSE(processor_->status().retry_helps);
  EXPECT_THAT(processor_->status().reason, testing::HasSubstr("it ends at 1"));
}

/// As a client library that begins at the start of a topic that it does not know any more.
class Rewinding final : public Changed {
 public:
  Rewinding(std::unique_ptr<event_log::CommandSource> source, const bool& rewinds)
      : Changed(std::move(source)), rewinds_(rewinds) {}
  event_log::Result<std::span<const event_log::CommandRecord>> read(std::size_t max) override {
    if (rewinds_) (void)seek(0);
    return Changed::read(max);
  }

 private:
  const bool& rewinds_;
};

/// Tells for how long it was to wait for who knows where it begins and ends.
class Patient final : public Changed {
 public:
  Patient(std::unique_ptr<event_log::CommandSource> source,
          std::vector<std::chrono::milliseconds>& waited)
      : Changed(std::move(source)), waited_(waited) {}
  event_log::Result<Bounds> bounds(std::chrono::milliseconds patience) override {
    waited_.push_back(patience);
    return Changed::bounds(patience);
  }

 private:
  std::vector<std::chrono::milliseconds>& waited_;
};

/// A topic that somebody meddles with while its partition is held.
class MeddledWith : public Topic {
 protected:
  MeddledWith() {
    open_occasion(10);
    ask_claim("decided");
    step();
    decided_ = end();
  }

  /// Some steps later nothing more was decided, and the processor says why.
  void expect_undecided(std::string_view why) {
    for (int i = 0; i < 5; ++i) step();
    EXPECT_EQ(end(), decided_);
    EXPECT_FALSE(processor_->status().ready);
    EXPECT_FALSE(processor_->status().retry_helps);
    EXPECT_THAT(processor_->status().reason, testing::HasSubstr(why));
  }

  std::uint64_t decided_ = 0;
};

TEST_F(MeddledWith, IsLeftUndecidedWhereItIsCutShort) {
  commands_->cut_at(kPartition, 1);
  ask_claim("another");
  expect_undecided("has been decided up to offset 2 of partition " +
                   std::to_string(kPartition.value) + ", but it ends at 2");
  EXPECT_THAT(let_go_, testing::ElementsAre(testing::HasSubstr("has been read up to offset 3")));
}

TEST_F(MeddledWith, IsLookedAtForAMomentOnlyWhileItIsHeld) {
  crash();
  std::vector<std::chrono::milliseconds> waited;
  around_ = [&](auto source) { return std::make_unique<Patient>(std::move(source), waited); };
  start();
  step();
  ASSERT_EQ(waited.size(), 1u) << "taking over";
  EXPECT_GE(waited.front(), 5s);
  ask_claim("deleted");
  ask_claim("another");
  commands_->forget_before(kPartition, 4);
  step();
  now_ += 1s;  // not looked for again at once
  step();
  ASSERT_EQ(waited.size(), 2u);
  EXPECT_LE(waited.back(), 1s) << "timers are due meanwhile";
}

TEST_F(MeddledWith, IsLeftUndecidedWhereItIsMadeAnewHoweverLongItGrows) {
  commands_->make_anew();
  for (const char* key : {"a", "b", "c", "d", "e"}) ask_claim(key);
  expect_undecided("made anew");
}

TEST_F(MeddledWith, IsLeftUndecidedAlsoByWhoNeverSawTheOneBefore) {
  crash();
  const auto made = [this](std::string log) {
    commands_ = std::make_unique<event_log::MemoryCommands>(kPartitions, std::move(log));
    return std::make_unique<post::PostedCommands>(gateway("new"), *commands_);
  };
  const auto first = made("other/commands/first-id");
  start();
  ask(*first, "decided in the first", claim("first", "first"));
  step();
  decided_ = end();
  crash();
  const auto second = made("other/commands/second-id");
  for (const char* key : {"a", "b", "c"}) ask(*second, key, claim(key, key));
  start();
  expect_undecided("by now another topic has that name, second-id");
  crash();
}

TEST_F(MeddledWith, IsLetGoOfWhereItGoesBack) {
  crash();
  bool rewinds = false;
  around_ = [&](auto source) { return std::make_unique<Rewinding>(std::move(source), rewinds); };
  start();
  step();
  now_ += 1h;  // what comes again would come too late, which has an outcome of its own
  rewinds = true;
  processor_->step(now_);
  EXPECT_FALSE(processor_->status().ready);
  EXPECT_THAT(processor_->status().reason, testing::HasSubstr("has a record at 0 again"));
  EXPECT_EQ(end(), decided_);
  rewinds = false;
  const Asked asked = ask_claim("another");
  step();
  EXPECT_TRUE(asked->has_value()) << "taken over again, it goes on where it was";
  crash();
}

TEST_F(Topic, SaysThatItCannotBeReadAndGoesOnWhenItCan) {
  open_occasion(10);
  reads_fail_ = true;
  const Asked asked = ask_claim("mine");
  step();
  EXPECT_FALSE(asked->has_value());
  EXPECT_EQ(arrivals_->trouble(), "the topic cannot be read");
  reads_fail_ = false;
  while (!asked->has_value()) step();
  EXPECT_EQ(arrivals_->trouble(), std::nullopt);
}

TEST_F(Topic, ForgetsItsTroubleWithThePartition) {
  open_occasion(10);
  ask_claim("mine");
  step();
  now_ += 6min;  // its expiry is due
  reads_fail_ = true;
  next_append_ = event_log::AppendFate::refused;
  step();
  ASSERT_FALSE(processor_->status().ready);
  ASSERT_TRUE(arrivals_->trouble().has_value());
  reads_fail_ = false;
  step();
  EXPECT_TRUE(processor_->status().ready);
  EXPECT_EQ(arrivals_->trouble(), std::nullopt);
}

}  // namespace
}  // namespace boxoffice::processor
