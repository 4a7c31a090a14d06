// Remembering keys: in memory, on disk, over restarts, within bounds.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "commands/processor/background_thread.hpp"
#include "commands/processor/disk_keys.hpp"
#include "commands/processor/key_filter.hpp"
#include "commands/processor/memory_keys.hpp"
#include "commands/processor/recovery.hpp"
#include "event-log/memory/memory_log.hpp"
#include "event-log/memory/memory_store.hpp"
#include "tests/processor/held_background.hpp"
#include "tests/processor/memory_snapshots.hpp"
#include "tests/processor/vocabulary.hpp"
#include "tests/sick_disk.hpp"
#include "tests/temporary_directory.hpp"

namespace boxoffice::processor {
namespace {

using namespace vocabulary;

BoundKey bound(int n, std::uint16_t partition = 1) {
  const auto who = identity("key " + std::to_string(n));
  return {who.id, who.tag, {{partition}, {static_cast<std::uint64_t>(n) + 1}}};
}

TEST(RecentKeys, FindsWhatWasInsertedOverManyGenerations) {
  RecentKeys keys(64);
  for (int i = 0; i < 1000; ++i) keys.insert(bound(i), noon());
  EXPECT_EQ(keys.size(), 1000u);
  for (int i = 0; i < 1000; ++i) {
    const auto found = keys.find(bound(i).id);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->position, bound(i).position);
    EXPECT_EQ(found->tag, bound(i).tag);
  }
  EXPECT_FALSE(keys.find(bound(1000).id));
}

TEST(RecentKeys, HidesAnOlderEntryOfTheSameId) {
  RecentKeys keys(8);
  keys.insert(bound(0), noon());
  for (int i = 1; i < 20; ++i) keys.insert(bound(i), noon());
  BoundKey newer = bound(0);
  newer.position.sequence.value = 77;
  keys.insert(newer, noon());
  EXPECT_EQ(keys.find(newer.id)->position.sequence.value, 77u);
}

TEST(RecentKeys, DropsWholeGenerationsThatAreOld) {
  RecentKeys keys(8);
  for (int i = 0; i < 12; ++i) keys.insert(bound(i), noon() + i * 1s);
  EXPECT_FALSE(keys.drop_if_before(noon() + 5s)) << "its last one is not older";
  EXPECT_TRUE(keys.drop_if_before(noon() + 6s));
  EXPECT_FALSE(keys.find(bound(0).id));
  EXPECT_TRUE(keys.find(bound(6).id));
  EXPECT_EQ(keys.size(), 6u);
}

TEST(KeyFilter, NeverTakesAKnownKeyForNewAndSeldomANewOneForKnown) {
  KeyFilter filter(1000, 5);
  for (int i = 0; i < 5000; ++i) filter.insert(bound(i).id, noon());
  for (int i = 0; i < 5000; ++i) EXPECT_TRUE(filter.may_hold(bound(i).id)) << i;
  int mistaken = 0;
  for (int i = 5000; i < 25'000; ++i) mistaken += filter.may_hold(bound(i).id);
  EXPECT_LT(mistaken, 20'000 * 5 / 100) << "at most one in a hundred for each generation";
  EXPECT_TRUE(filter.complete(noon()));
}

TEST(KeyFilter, IsIncompleteUntilTheWindowHasLeftBehindWhatItGaveUp) {
  KeyFilter filter(10, 2);
  for (int i = 0; i < 21; ++i) filter.insert(bound(i).id, noon() + i * 1s);
  EXPECT_FALSE(filter.complete(noon() + 9s)) << "the tenth is in it no more";
  EXPECT_TRUE(filter.complete(noon() + 10s));
  for (int i = 10; i < 21; ++i) EXPECT_TRUE(filter.may_hold(bound(i).id));
}

TEST(KeyFilter, DropsWholeGenerationsThatAreOld) {
  KeyFilter filter(10, 4);
  for (int i = 0; i < 20; ++i) filter.insert(bound(i).id, noon() + i * 1s);
  filter.drop_before(noon() + 9s);
  EXPECT_TRUE(filter.may_hold(bound(0).id)) << "the last of its generation is not older";
  filter.drop_before(noon() + 10s);
  EXPECT_FALSE(filter.may_hold(bound(0).id));
  EXPECT_TRUE(filter.may_hold(bound(10).id));
  EXPECT_TRUE(filter.complete(noon() + 10s));
}

TEST(KeyFilter, TakesAnOlderOneAlong) {
  KeyFilter older(10, 4);
  KeyFilter filter(10, 4);
  for (int i = 0; i < 20; ++i) older.insert(bound(i).id, noon());
  for (int i = 20; i < 60; ++i) filter.insert(bound(i).id, noon() + 1s);
  filter.prepend(std::move(older));
  EXPECT_FALSE(filter.complete(noon())) << "more than fits: the oldest went";
  EXPECT_TRUE(filter.complete(noon() + 1s));
  for (int i = 20; i < 60; ++i) EXPECT_TRUE(filter.may_hold(bound(i).id));
}

TEST(MemoryKeys, HaveRoomAgainOnceTheWindowHasMovedOn) {
  MemoryKeys keys({.keys_max = 6, .window = 10s, .generation_slots = 8});
  for (int i = 0; i < 6; ++i) keys.remember(bound(i), noon());
  EXPECT_FALSE(keys.has_room(noon() + 10s));
  EXPECT_TRUE(keys.has_room(noon() + 11s));
}

class DiskKeysTest : public ::testing::Test {
 protected:
  DiskKeysTest() {
    settings_.generation_slots = 16;
    settings_.generations_max = 2;
    settings_.save_keys = 10;
    open();
  }

  void open() {
    keys_.reset();
    auto opened = DiskKeys::open(settings_, background_);
    ASSERT_TRUE(opened) << opened.error();
    keys_ = std::move(*opened);
    keys_->restart();
  }

  void commit(int first, int end, Instant now = noon()) {
    for (int i = first; i < end; ++i) keys_->remember(bound(i), now);
    const schema::Position through = bound(end - 1).position;
    keys_->committed({&through, 1}, now);
  }

  bool knows(int n) {
    const auto found = keys_->find(bound(n).id);
    return found && *found && (*found)->position == bound(n).position;
  }

  /// For so many keys that are new.
  std::uint64_t looks_at_disk_for_new_ones(int count) {
    const std::uint64_t before = keys_->looks_at_disk();
    for (int i = 0; i < count; ++i) EXPECT_FALSE(knows(1'000'000 + i));
    return keys_->looks_at_disk() - before;
  }

  const TemporaryDirectory directory_;
  DiskKeysSettings settings_{.directory = directory_.path() / "idempotency"};
  BackgroundThread background_;
  std::unique_ptr<DiskKeys> keys_;
};

TEST_F(DiskKeysTest, FindsWhatIsNoLongerInMemory) {
  for (int i = 0; i < 200; i += 10) {
    commit(i, i + 10);
    background_.drain(keys_.get());
  }
  EXPECT_LT(keys_->size(), 60u);
  for (int i = 0; i < 200; ++i) EXPECT_TRUE(knows(i)) << i;
  EXPECT_FALSE(knows(200));
}

TEST_F(DiskKeysTest, KnowsAfterARestartWhatWasSavedAndHowFarThatReaches) {
  commit(0, 10);
  background_.drain(keys_.get());
  commit(10, 15);
  open();
  EXPECT_EQ(keys_->known_through({1}).value, 10u);
  EXPECT_TRUE(knows(9));
  EXPECT_FALSE(knows(10)) << "the log's tail will tell";
}

TEST_F(DiskKeysTest, FindsAfterARestartWhatDoesNotFitIntoMemory) {
  for (int i = 0; i < 200; i += 10) {
    commit(i, i + 10);
    background_.drain(keys_.get());
  }
  settings_.filter_slice_keys = 30;
  open();
  EXPECT_EQ(keys_->size(), 0u);
  for (int i = 0; i < 200; ++i) EXPECT_TRUE(knows(i)) << i;
  EXPECT_EQ(looks_at_disk_for_new_ones(100), 100u) << "there is no filter yet";
  background_.drain(keys_.get());
  commit(200, 210);  // takes the filter that was made meanwhile
  EXPECT_LT(looks_at_disk_for_new_ones(100), 10u);
  for (int i = 0; i < 210; ++i) EXPECT_TRUE(knows(i)) << i;
  EXPECT_FALSE(knows(210));
}

TEST_F(DiskKeysTest, FindsMoreThanItsFilterHolds) {
  settings_.filter_generation_keys = 10;
  settings_.filter_generations_max = 2;
  open();
  for (int i = 0; i < 200; i += 10) {
    commit(i, i + 10);
    background_.drain(keys_.get());
  }
  for (int i = 0; i < 200; ++i) EXPECT_TRUE(knows(i)) << i;
  open();
  background_.drain(keys_.get());
  commit(200, 210);
  for (int i = 0; i < 210; ++i) EXPECT_TRUE(knows(i)) << i;
  EXPECT_EQ(looks_at_disk_for_new_ones(100), 100u) << "the filter has given keys up";
  commit(210, 220, noon() + settings_.window + 1min);
  EXPECT_LT(looks_at_disk_for_new_ones(100), 10u) << "the window has left them behind";
}

TEST_F(DiskKeysTest, SavesTheRestWhenAsked) {
  commit(0, 3);
  keys_->save(noon());
  background_.drain(keys_.get());
  open();
  EXPECT_EQ(keys_->known_through({1}).value, 3u);
}

TEST_F(DiskKeysTest, DoesNotSaveWhatWasNotCommitted) {
  keys_->remember(bound(500), noon());
  keys_->restart();
  EXPECT_FALSE(knows(500));
  commit(0, 10);
  background_.drain(keys_.get());
  EXPECT_FALSE(knows(500));
}

TEST_F(DiskKeysTest, ThatKnowMoreThanTheLogAreAFault) {
  commit(0, 10);
  background_.drain(keys_.get());
  const auto empty = event_log::open_memory(event_log::make_memory_store(4));
  MemorySnapshots none;
  const auto recovered = recover(*empty, {1}, *keys_, none, Settings{}, noon());
  ASSERT_FALSE(recovered);
  EXPECT_FALSE(recovered.error().retry_helps);
  EXPECT_THAT(recovered.error().message,
              testing::HasSubstr("the idempotency keys know what happened up to 1:10"));
}

TEST_F(DiskKeysTest, SaysWhenThereIsNoRoom) {
  settings_.keys_max = 10;
  open();
  EXPECT_TRUE(keys_->has_room(noon()));
  commit(0, 10);
  background_.drain(keys_.get());
  EXPECT_FALSE(keys_->has_room(noon()));
}

// Nobody commits while all are refused, so no save leads to a compaction.
TEST_F(DiskKeysTest, HaveRoomAgainOnceTheWindowHasMovedOn) {
  settings_.keys_max = 10;
  settings_.window = 1h;
  open();
  commit(0, 10);
  background_.drain(keys_.get());
  EXPECT_FALSE(keys_->has_room(noon() + 30min));
  background_.drain(keys_.get());
  EXPECT_FALSE(keys_->has_room(noon() + 30min)) << "all of them are in the window";
  EXPECT_FALSE(keys_->has_room(noon() + 2h));
  background_.drain(keys_.get());
  EXPECT_TRUE(keys_->has_room(noon() + 2h));
}

TEST_F(DiskKeysTest, KeepInMemoryWhatWasNotCommittedWhenASaveBegan) {
  settings_.unsaved_keys_max = 30;
  settings_.save_keys = 1000;
  settings_.save_again_after = 0ms;
  open();
  for (int i = 0; i < 40; ++i) keys_->remember(bound(i), noon());
  EXPECT_FALSE(keys_->has_room(noon())) << "saves what is committed";
  background_.drain(keys_.get());
  commit(40, 41);
  for (int i = 0; i < 41; ++i) EXPECT_TRUE(knows(i)) << i;
}

class DiskKeysOnABusyMachine : public ::testing::Test {
 protected:
  ~DiskKeysOnABusyMachine() override { keys_.reset(); }

  void open() {
    keys_.reset();
    auto opened = DiskKeys::open(settings_, held_);
    ASSERT_TRUE(opened) << opened.error();
    keys_ = std::move(*opened);
    take_over();
  }

  /// What of the keys the log has to show again.
  schema::Sequence take_over() {
    keys_->restart();
    return keys_->known_through({1});
  }

  void commit(int first, int end) {
    for (int i = first; i < end; ++i) keys_->remember(bound(i), noon());
    const schema::Position through = bound(end - 1).position;
    keys_->committed({&through, 1}, noon());
  }

  bool knows(int n) {
    const auto found = keys_->find(bound(n).id);
    return found && *found && (*found)->position == bound(n).position;
  }

  const TemporaryDirectory directory_;
  DiskKeysSettings settings_{.directory = directory_.path() / "idempotency",
                             .save_keys = 10,
                             .generation_slots = 16,
                             .generations_max = 2};
  HeldBackground held_;
  std::unique_ptr<DiskKeys> keys_;
};

// The thread that decides would wait for one that runs where a core is idle, and on Kafka for what
// the other partitions have given it.
TEST_F(DiskKeysOnABusyMachine, AreTakenOverWithoutWaitingForALotUnderWay) {
  open();
  commit(0, 10);
  ASSERT_EQ(held_.held(), 1u);
  held_.drained = 0;
  EXPECT_EQ(take_over().value, 0u);
  EXPECT_EQ(held_.drained, 0u);
}

TEST_F(DiskKeysOnABusyMachine, HaveTheLogShowAgainWhatIsSavedOnlyDuringATakeOver) {
  open();
  commit(0, 10);
  keys_->restart();
  held_.drain(keys_.get());
  EXPECT_EQ(keys_->known_through({1}).value, 0u) << "it read the disk before";
  commit(0, 12);
  for (int i = 0; i < 12; ++i) EXPECT_TRUE(knows(i)) << i;
  held_.drain(keys_.get());
  EXPECT_EQ(take_over().value, 12u);
  for (int i = 0; i < 12; ++i) EXPECT_TRUE(knows(i)) << i;
}

TEST_F(DiskKeysOnABusyMachine, GiveUpTheirFilterWhenTheyStop) {
  open();
  for (int i = 0; i < 200; i += 10) {
    commit(i, i + 10);
    held_.drain(keys_.get());
  }
  settings_.filter_slice_keys = 1;
  open();
  commit(200, 203);
  held_.done = 0;
  keys_->save(noon());
  EXPECT_EQ(held_.done, 2u) << "the slice that had been asked for, and the save";
  EXPECT_EQ(take_over().value, 203u);
}

class DiskKeysOnABadDisk : public DiskKeysTest {
 protected:
  DiskKeysOnABadDisk() {
    settings_.save_again_after = 0ms;
    settings_.unsaved_keys_max = 20;
    open();
  }

  void await_health() {
    while (keys_->trouble()) std::this_thread::yield();
  }
};

TEST_F(DiskKeysOnABadDisk, SaveWhatTheyCouldNotWithTheNextOnes) {
  EXPECT_FALSE(keys_->trouble());
  {
    const SickDisk sick;
    commit(0, 10);
    background_.drain(keys_.get());
    EXPECT_TRUE(keys_->trouble());
    commit(10, 15);
    background_.drain(keys_.get());
    for (int i = 0; i < 15; ++i) EXPECT_TRUE(knows(i)) << i;
  }
  await_health();
  commit(15, 16);
  background_.drain(keys_.get());
  keys_->save(noon());
  background_.drain(keys_.get());
  open();
  EXPECT_EQ(keys_->known_through({1}).value, 16u);
  for (int i = 0; i < 16; ++i) EXPECT_TRUE(knows(i)) << i;
}

// What is refused commits nothing, so there are no next ones.
TEST_F(DiskKeysOnABadDisk, HaveRoomAgainWithoutACommit) {
  {
    const SickDisk sick;
    commit(0, 10);
    background_.drain(keys_.get());
    commit(10, 30);
    background_.drain(keys_.get());
    EXPECT_FALSE(keys_->has_room(noon()));
  }
  while (!keys_->has_room(noon())) {
    background_.drain(keys_.get());
    std::this_thread::yield();
  }
  for (int i = 0; i < 30; ++i) EXPECT_TRUE(knows(i)) << i;
}

}  // namespace
}  // namespace boxoffice::processor
