#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "event-log/memory/memory_log.hpp"
#include "tests/log/history.hpp"

namespace boxoffice::event_log::testing {
namespace {

constexpr Partition kPartition{2};

class FaultyMemoryLog : public ::testing::Test {
 protected:
  FaultyMemoryLog() {
    open();
    history_ = std::make_unique<History>(*log_);
  }

  void open() {
    writer_.reset();
    log_ = open_memory(
        store_,
        {.append = [this](const Batch&) { return std::exchange(fate_, AppendFate::committed); },
         .settle = [this](const Batch&) { return turns_out_committed_; },
         .take_over_fails = [this] { return fails_; },
         .read_fails = [this] { return fails_; }});
    writer_ = writer_of(*log_, {2});
  }

  Result<void> append(AppendFate fate) {
    fate_ = fate;
    offered_ = *history_;
    return writer_->append(offered_->next_batch(kPartition, 2));
  }

  void append_well() {
    ASSERT_TRUE(append(AppendFate::committed));
    *history_ = *offered_;
  }

  const std::shared_ptr<MemoryStore> store_ = make_memory_store(4);
  AppendFate fate_ = AppendFate::committed;
  bool turns_out_committed_ = false;
  bool fails_ = false;
  std::unique_ptr<Log> log_;
  std::unique_ptr<Writer> writer_;
  std::unique_ptr<History> history_;
  std::optional<History> offered_;
};

TEST_F(FaultyMemoryLog, KeepsNothingOfARefusedBatchAndTakesTheNext) {
  const auto refused = append(AppendFate::refused);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, LogErrorKind::unavailable);
  append_well();
  expect_holds(*log_, *history_, kPartition);
}

TEST_F(FaultyMemoryLog, SettlesABatchInDoubtAtTheNextTakeOver) {
  for (const bool committed : {false, true}) {
    turns_out_committed_ = committed;
    EXPECT_EQ(append(AppendFate::in_doubt).error().kind, LogErrorKind::unavailable);
    EXPECT_EQ(append(AppendFate::committed).error().kind, LogErrorKind::fenced);
    expect_holds(*log_, *history_, kPartition);
    int followed = 0;
    const auto following = log_->follow([&](const BatchPtr&) { ++followed; });
    writer_ = writer_of(*log_, {2});
    EXPECT_EQ(followed, committed ? 1 : 0);
    if (committed) *history_ = *offered_;
    expect_holds(*log_, *history_, kPartition);
    append_well();
  }
}

TEST_F(FaultyMemoryLog, ShowsWhatIsHiddenWhenItIsRevealedOrTakenOver) {
  append_well();
  const Sequence seen = history_->end(kPartition);
  int followed = 0;
  const auto following = log_->follow([&](const BatchPtr&) { ++followed; });
  ASSERT_TRUE(append(AppendFate::hidden));
  *history_ = *offered_;
  append_well();
  EXPECT_EQ(followed, 2);
  EXPECT_EQ(log_->end(kPartition), seen);
  EXPECT_EQ(read_all(*log_, {kPartition, {0}}).size(), seen.value);
  reveal(*store_);
  expect_holds(*log_, *history_, kPartition);

  ASSERT_TRUE(append(AppendFate::hidden));
  *history_ = *offered_;
  writer_ = writer_of(*log_, {2});
  expect_holds(*log_, *history_, kPartition);
}

TEST_F(FaultyMemoryLog, CrashesBeforeOrAfterABatchIsDurable) {
  append_well();
  EXPECT_THROW((void)append(AppendFate::crash_before), Crash);
  open();
  expect_holds(*log_, *history_, kPartition);
  EXPECT_THROW((void)append(AppendFate::crash_after), Crash);
  open();
  expect_holds(*log_, *offered_, kPartition);
}

TEST_F(FaultyMemoryLog, FencesAWriterOfAnotherLogOnTheSameStore) {
  const auto other = open_memory(store_);
  const auto taken = writer_of(*other, {2});
  EXPECT_EQ(append(AppendFate::committed).error().kind, LogErrorKind::fenced);
  ASSERT_TRUE(taken->append(history_->next_batch(kPartition, 1)));
  expect_holds(*log_, *history_, kPartition);
}

TEST_F(FaultyMemoryLog, IsUnavailableWhenThePlanSaysSo) {
  append_well();
  const auto cursor = log_->read_after({kPartition, {0}});
  fails_ = true;
  EXPECT_EQ(cursor->read(1).error().kind, LogErrorKind::unavailable);
  EXPECT_EQ(log_->at({kPartition, {1}}).error().kind, LogErrorKind::unavailable);
  EXPECT_EQ(log_->key(kPartition, "x").error().kind, LogErrorKind::unavailable);
  const Partition partitions[] = {kPartition};
  EXPECT_EQ(log_->take_over(partitions).error().kind, LogErrorKind::unavailable);
  fails_ = false;
  append_well();
  expect_holds(*log_, *history_, kPartition);
}

TEST_F(FaultyMemoryLog, EndsTheProgramWhereARuleIsBroken) {
  History other = *history_;
  (void)other.next_batch(kPartition, 1);
  const BatchPtr beyond = other.next_batch(kPartition, 1);
  EXPECT_DEATH((void)writer_->append(beyond), "sequences go on");
  const BatchPtr elsewhere = history_->next_batch({0}, 1);
  EXPECT_DEATH((void)writer_->append(elsewhere), "that it took over");
  const auto reply = std::make_shared<Batch>();
  reply->replies.push_back({{0}, "gateway.1", "{}"});
  EXPECT_DEATH((void)writer_->append(reply), "replies in partitions that it took over");
  CommittedEvent too_long = history_->next(kPartition, schema::KeyUsed{}, "x");
  too_long.value.append(kValueBytesMax, 'x');
  EXPECT_DEATH((void)writer_->append(batch({too_long})), "65,535");
}

}  // namespace
}  // namespace boxoffice::event_log::testing
