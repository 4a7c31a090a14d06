// What is done in the background, and who waits for it.

#include <pthread.h>

#include <array>
#include <future>
#include <mutex>
#include <string>

#include "commands/processor/background_thread.hpp"
#include "tests/processor/held_background.hpp"
#include "tests/processor/processor_test.hpp"

namespace boxoffice::processor {
namespace {

class ABackgroundThread : public ::testing::Test {
 protected:
  ~ABackgroundThread() override { let_go(); }

  /// Has the thread busy with a task of `first_` until `let_go`.
  void keep_busy() {
    background_.run(&first_, [this] {
      begun_.set_value();
      let_go_.get_future().wait();
    });
    begun_.get_future().wait();
  }
  void let_go() {
    if (!std::exchange(gone_, true)) let_go_.set_value();
  }

  const int first_ = 0;
  const int second_ = 0;
  std::promise<void> begun_;
  std::promise<void> let_go_;
  bool gone_ = false;
  BackgroundThread background_{
      {.patience = 100ms, .share = [] { return BackgroundThread::Share{}; }}};
};

TEST_F(ABackgroundThread, IsNotWaitedForByWhoeverItDoesNothingFor) {
  keep_busy();
  std::thread::id done_by;
  background_.run(&second_, [&] { done_by = std::this_thread::get_id(); });
  background_.drain(&second_);
  EXPECT_EQ(done_by, std::this_thread::get_id()) << "what has not begun is done by who waits";
}

TEST_F(ABackgroundThread, IsDrainedOfWhatTasksLeaveBehind) {
  keep_busy();
  int done = 0;
  background_.run(&second_, [&] { background_.run(&second_, [&] { ++done; }); });
  background_.drain(&second_);
  EXPECT_EQ(done, 1);
}

TEST_F(ABackgroundThread, RunsAnOwnersTasksInOrderWhoeverDoesThem) {
  std::vector<int> order;
  for (int i = 0; i < 1000; ++i) background_.run(&second_, [&order, i] { order.push_back(i); });
  background_.drain(&second_);
  ASSERT_EQ(order.size(), 1000u);
  EXPECT_TRUE(std::ranges::is_sorted(order));
}

TEST_F(ABackgroundThread, IsRelievedOfTheOthersWhereATaskTakesTooLong) {
  keep_busy();
  std::promise<void> done;
  background_.run(&second_, [&] { done.set_value(); });
  done.get_future().wait();
}

/// The thread's name, as it does a task.
std::string done_by(BackgroundThread& background) {
  std::promise<std::string> name;
  background.run(&name, [&name] {
    std::array<char, 16> text{};
    pthread_getname_np(pthread_self(), text.data(), text.size());
    name.set_value(text.data());
  });
  return name.get_future().get();
}

TEST(ABackgroundThreadWithoutACore, IsRelievedUntilItIsTriedAgain) {
  std::mutex mutex;
  BackgroundThread::Share share;
  const auto spend = [&](std::chrono::nanoseconds ran, std::chrono::nanoseconds waited) {
    const std::lock_guard lock(mutex);
    share.ran += ran;
    share.waited += waited;
  };
  BackgroundThread background({.patience = 1h, .relief = 200ms, .share = [&] {
                                 const std::lock_guard lock(mutex);
                                 return share;
                               }});
  EXPECT_EQ(done_by(background), "background");
  background.run(&share, [&] { spend(1s, 30min); });
  EXPECT_EQ(done_by(background), "background") << "it had patience";
  background.run(&share, [&] { spend(1h, 2h); });
  EXPECT_EQ(done_by(background), "background") << "it ran for long";
  background.run(&share, [&] { spend(1s, 2h); });
  EXPECT_EQ(done_by(background), "relief");
  while (done_by(background) == "relief") std::this_thread::yield();
}

TEST_F(ABackgroundThread, DoesWhatIsLeftBeforeItEnds) {
  int done = 0;
  {
    BackgroundThread ending;
    for (int i = 0; i < 10; ++i) ending.run(&first_, [&] { ++done; });
  }
  EXPECT_EQ(done, 10);
}

class AProcessorOnABusyMachine : public ProcessorTest {
 protected:
  ~AProcessorOnABusyMachine() override { processor_.reset(); }

  void begin() {
    start();
    processor_ = std::make_unique<Processor>(
        settings_, Surroundings{*log_, *keys_, snapshots_, held_}, std::vector{partition()});
    step();
  }

  HeldBackground held_;
};

TEST_F(AProcessorOnABusyMachine, LeavesItsSnapshotsToTheBackground) {
  settings_.snapshot_events = 1;
  begin();
  ask("create", create(details(10)));
  step();
  EXPECT_EQ(held_.held(), 1u);
  EXPECT_TRUE(snapshots_.frames.empty());
}

TEST_F(AProcessorOnABusyMachine, DecidesWhileItsLastSnapshotIsWritten) {
  begin();
  ask("create", create(details(10)));
  step();
  ASSERT_TRUE(processor_->prepare_to_leave());
  ASSERT_TRUE(processor_->prepare_to_leave()) << "it is under way";
  const Asked opened = ask("open", open());
  step();
  EXPECT_TRUE(is<Outcome>(opened));
  held_.drain(processor_.get());
  EXPECT_FALSE(processor_->prepare_to_leave()) << "one is enough: else it never ended under load";
  processor_->leave();
  EXPECT_EQ(processor_->stats().snapshots, 1u);
  const auto frame = snapshots_.read({partition(), {1}});
  ASSERT_TRUE(frame);
  EXPECT_TRUE(unframed(frame->bytes));
}

// It may be half written, and will be where a core is idle: perhaps never.
TEST_F(AProcessorOnABusyMachine, GivesASnapshotUpThatIsUnderWayWhenItLeaves) {
  settings_.snapshot_events = 1;
  begin();
  ask("create", create(details(10)));
  step();
  processor_->leave();
  EXPECT_EQ(processor_->stats().snapshots_failed, 1u);
  EXPECT_TRUE(snapshots_.frames.empty());
}

TEST_F(AProcessorOnABusyMachine, WritesNoLastSnapshotOfMuchForALittle) {
  begin();
  ask("create", create(details(100)));
  ask("open", open());
  for (int i = 0; i < 64; ++i) ask_claim("k" + std::to_string(i), "p" + std::to_string(i));
  step();
  ASSERT_TRUE(processor_->prepare_to_leave());
  held_.drain(processor_.get());
  processor_->leave();
  processor_.reset();

  processor_ = std::make_unique<Processor>(
      settings_, Surroundings{*log_, *keys_, snapshots_, held_}, std::vector{partition()});
  for (int i = 0; i < 4; ++i) ask_claim("l" + std::to_string(i), "q" + std::to_string(i));
  step();
  EXPECT_FALSE(processor_->prepare_to_leave()) << "4 events are read sooner than 68 claims written";
}

}  // namespace
}  // namespace boxoffice::processor
