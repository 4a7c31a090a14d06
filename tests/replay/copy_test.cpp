// Copying a log, and whatever may interrupt it or be wrong about either side.

#include "replay-tools/copy/copy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "event-log/copy_mark.hpp"
#include "event-log/embedded/embedded_log.hpp"
#include "event-log/memory/memory_log.hpp"
#include "tests/log/history.hpp"
#include "tests/temporary_directory.hpp"

namespace boxoffice::replay {
namespace {

using namespace event_log;
using event_log::testing::expect_holds;
using event_log::testing::History;
using event_log::testing::read_all;
using event_log::testing::writer_of;
using ::testing::HasSubstr;

constexpr std::string_view kName = "memory000000";

/// The partition's next events, over two topics.
std::vector<CommittedEvent> next_of(History& history, Partition partition, std::size_t count) {
  std::vector<CommittedEvent> events;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string text = "actor " + std::to_string(history.end(partition).value);
    events.push_back(i % 2 == 0 ? history.next(partition, schema::KeyUsed{}, text)
                                : history.next(partition, schema::ReleaseRefused{}, text));
  }
  return events;
}

class CopyOfALog : public ::testing::Test {
 protected:
  /// Events of two partitions, some thousands in one, each batch with a key.
  void write(int batches, std::size_t events = 60) {
    const auto writer = writer_of(*from_, {0, 3});
    for (int i = 0; i < batches; ++i)
      for (const std::uint16_t partition : {0, 3}) {
        const std::size_t count = partition == 0 ? events : 1;
        Batch batch{.events = next_of(history_, {partition}, count)};
        batch.keys.push_back({{partition}, "person/p/" + std::to_string(++keys_), "wrapped"});
        ASSERT_TRUE(writer->append(std::make_shared<Batch>(std::move(batch))));
      }
  }

  std::expected<CopyReport, CopyFault> copy(Log& to, bool at_rest = true) {
    return copy_log(*from_, to, {.from = "memory", .is_at_rest = [=] { return at_rest; }});
  }

  void expect_copied(Log& to) {
    for (std::uint16_t i = 0; i < 4; ++i) expect_holds(to, history_, {i});
    for (int i = 1; i <= keys_; ++i) {
      const std::string name = "person/p/" + std::to_string(i);
      EXPECT_EQ(*to.key({0}, name), *from_->key({0}, name));
      EXPECT_EQ(*to.key({3}, name), *from_->key({3}, name));
    }
  }

  static std::optional<CopyState> state_of(Log& log) {
    const auto mark = copy_mark(log);
    EXPECT_TRUE(mark) << mark.error().message;
    return *mark ? std::optional((*mark)->state) : std::nullopt;
  }

  std::shared_ptr<MemoryStore> source_ = make_memory_store(4);
  std::shared_ptr<MemoryStore> destination_ = make_memory_store(4);
  std::unique_ptr<Log> from_ = open_memory(source_);
  std::unique_ptr<Log> to_ = open_memory(destination_);
  History history_{*from_};
  int keys_ = 0;
};

TEST_F(CopyOfALog, HasTheSameEventsAndKeysAndSaysThatItIsWhole) {
  write(100);
  const auto report = copy(*to_);
  ASSERT_TRUE(report) << report.error().message;
  expect_copied(*to_);
  EXPECT_TRUE(report->is_whole);
  EXPECT_EQ(state_of(*to_), CopyState::whole);
  EXPECT_EQ(state_of(*from_), std::nullopt);
  EXPECT_EQ(report->keys, 200u);
  EXPECT_EQ(report->keys_copied, 200u);
  EXPECT_EQ(report->partitions[0].copied, 6000u);
  EXPECT_EQ(report->partitions[0].head.hash,
            event_log::testing::sha256(history_.of({0}).back().value));
  EXPECT_EQ(report->partitions[1].head, ChainHead{});
}

TEST_F(CopyOfALog, GoesOnWhereItStopped) {
  write(3);
  ASSERT_TRUE(copy(*to_));
  write(2);
  const auto report = copy(*to_);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->partitions[0].copied, 120u);
  EXPECT_EQ(report->keys_copied, 4u);
  expect_copied(*to_);
}

/// An append is a sync, or a transaction after a take-over: there must not be one for each key, nor
/// for the few events that a read may bring.
TEST_F(CopyOfALog, AppendsMuchAtOnceThoughPartitionsTakeTurns) {
  const TemporaryDirectory directory;
  auto in_directory = open_embedded(
      {.directory = directory.path(), .partitions = 4, .deployment = std::string(kName)});
  from_ = std::move(*in_directory);
  write(2000, 1);
  int appends = 0;
  const auto counted = open_memory(destination_, {.append = [&](const Batch&) {
                                     ++appends;
                                     return AppendFate::committed;
                                   }});
  ASSERT_TRUE(copy(*counted));
  EXPECT_LT(appends, 10);
}

/// A broker that is slow has a transaction's time-out for it, and whoever comes again makes the
/// same.
TEST_F(CopyOfALog, AppendsLittleAtOnceThoughEventsAreLong) {
  const auto writer = writer_of(*from_, {0});
  const schema::SealedDataRefused is_long{.filter = std::string(2000, '\1')};
  for (int i = 0; i < 1000; ++i)
    ASSERT_TRUE(writer->append(event_log::testing::batch({history_.next({0}, is_long, "actor")})));
  std::size_t most = 0;
  const auto watched = open_memory(destination_, {.append = [&](const Batch& batch) {
                                     std::size_t bytes = 0;
                                     for (const auto& event : batch.events)
                                       bytes += event.value.size();
                                     most = std::max(most, bytes);
                                     return AppendFate::committed;
                                   }});
  const auto report = copy(*watched);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_LE(most, std::size_t{4} << 20);
  EXPECT_GE(most, std::size_t{2} << 20);
  expect_copied(*watched);
}

/// On a cluster each take-over costs a second where it is slow.
TEST_F(CopyOfALog, TakesAPartitionOverOnceForManyKeysThoughPartitionsTakeTurns) {
  const TemporaryDirectory directory;
  auto in_directory = open_embedded(
      {.directory = directory.path(), .partitions = 4, .deployment = std::string(kName)});
  from_ = std::move(*in_directory);
  const auto writer = writer_of(*from_, {0, 1, 2, 3});
  for (int round = 0; round < 100; ++round) {
    Batch batch;
    for (int i = 0; i < 1000; ++i)
      batch.keys.push_back(
          {{std::uint16_t(i % 4)}, "person/p/" + std::to_string(round * 1000 + i), "wrapped"});
    ASSERT_TRUE(writer->append(std::make_shared<Batch>(std::move(batch))));
  }
  int take_overs = 0;
  const auto counted = open_memory(destination_, {.take_over_fails = [&] {
                                     ++take_overs;
                                     return false;
                                   }});
  const auto report = copy(*counted);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->keys_copied, 100'000u);
  EXPECT_LE(take_overs, 1 + 4 + 4 + 1) << "the mark, the fences, the keys, the mark";
}

/// A service that was not stopped must not go on with half of what is copied.
TEST_F(CopyOfALog, FencesEverybodyBeforeTheFirstEventIsCopied) {
  write(2);
  const auto service = writer_of(*to_, {3});
  bool is_fenced = false;
  const auto at_first_event = [&](const std::string& step) {
    if (!step.starts_with("copying 0:")) return;
    const auto appended = service->append(event_log::testing::batch({}, {{{3}, "a/b", "c"}}));
    is_fenced = !appended && appended.error().kind == LogErrorKind::fenced;
  };
  ASSERT_TRUE(copy_log(*from_, *to_, {.from = "memory", .tell = at_first_event}));
  EXPECT_TRUE(is_fenced);
  expect_copied(*to_);
}

/// It was idle when the two were compared, and decides something before it is fenced.
TEST_F(CopyOfALog, LetsGoOfADestinationThatAServiceWroteToMeanwhile) {
  write(2);
  const auto service = writer_of(*to_, {3});
  History own(*to_);
  const auto before_the_fence = [&](const std::string& step) {
    if (!step.starts_with("holding")) return;
    const auto events = {own.next({3}, schema::KeyUsed{}, "somebody else")};
    EXPECT_TRUE(service->append(event_log::testing::batch(events)));
  };
  const auto report = copy_log(*from_, *to_, {.from = "memory", .tell = before_the_fence});
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().kind, CopyFaultKind::finding);
  EXPECT_THAT(report.error().message, HasSubstr("from 3:1 on"));
  EXPECT_EQ(to_->end({0}), Sequence{0});
  EXPECT_EQ(state_of(*to_), std::nullopt) << "it is whole as it is";
  expect_holds(*to_, own, {3});
}

/// Whoever copied before was killed in the midst of an append.
TEST_F(CopyOfALog, GoesOnBehindWhatATakeOverSettles) {
  write(2);
  int appends = 0;
  const auto first = open_memory(destination_, {.append = [&](const Batch& batch) {
                                   return ++appends > 1 && !batch.events.empty()
                                              ? AppendFate::in_doubt
                                              : AppendFate::committed;
                                 }});
  ASSERT_FALSE(copy(*first));
  const auto again = open_memory(destination_, {.settle = [](const Batch&) { return true; }});
  ASSERT_EQ(again->end({0}), Sequence{0}) << "nobody knows yet";
  const auto report = copy(*again);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_TRUE(report->is_whole);
  EXPECT_EQ(report->partitions[0].copied, 0u) << "it was there";
  expect_copied(*again);
}

/// Wherever it ends: before the mark, between any two appends, in the midst of keys, with an append
/// that nobody knows the outcome of.
TEST_F(CopyOfALog, IsInterruptedAtEveryAppendAndGoesOn) {
  write(200);
  for (const AppendFate fate : {AppendFate::crash_before, AppendFate::crash_after,
                                AppendFate::refused, AppendFate::in_doubt}) {
    destination_ = make_memory_store(4);
    int survived = 0, interruptions = 0;
    for (bool done = false; !done; ++survived) {
      ASSERT_LT(survived, 100);
      int appends = 0;
      const auto to = open_memory(destination_, {.append = [&](const Batch&) {
                                    return appends++ < survived ? AppendFate::committed : fate;
                                  }});
      try {
        done = copy(*to).has_value();
      } catch (const Crash&) {
      }
      interruptions += !done;
      const auto look = open_memory(destination_);
      if (state_of(*look) == CopyState::whole) {
        expect_copied(*look);
      } else if (look->end({0}).value > 0) {
        EXPECT_EQ(state_of(*look), CopyState::unfinished) << survived;
      }
    }
    EXPECT_GT(interruptions, 2);
    const auto look = open_memory(destination_);
    expect_copied(*look);
    EXPECT_EQ(state_of(*look), CopyState::whole);
  }
}

TEST_F(CopyOfALog, RemainsUnfinishedWhileSomebodyAppendsToTheSource) {
  write(2);
  const auto report = copy(*to_, false);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_FALSE(report->is_whole);
  EXPECT_EQ(state_of(*to_), CopyState::unfinished);
  const auto of_the_copy = copy_log(*to_, *open_memory(make_memory_store(4)), {.from = "memory"});
  ASSERT_FALSE(of_the_copy);
  EXPECT_THAT(of_the_copy.error().message, HasSubstr("unfinished copy"));
  ASSERT_TRUE(copy(*to_));
  EXPECT_EQ(state_of(*to_), CopyState::whole);
}

TEST_F(CopyOfALog, DestroysKeysThatAreGone) {
  write(2);
  ASSERT_TRUE(copy(*to_));
  ASSERT_TRUE(writer_of(*from_, {0})
                  ->append(event_log::testing::batch(
                      {}, {{{0}, "person/p/1", ""}, {{0}, "person/p/3", "anew"}})));
  const auto report = copy(*to_);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->keys_destroyed, 1u);
  EXPECT_EQ(report->keys_copied, 1u);
  expect_copied(*to_);
  EXPECT_EQ(*to_->key({0}, "person/p/1"), std::nullopt);
  EXPECT_EQ(*to_->key({0}, "person/p/3"), "anew");
}

TEST_F(CopyOfALog, LeavesAloneWhatBelongsToThePlace) {
  write(1);
  ASSERT_TRUE(writer_of(*from_, {0})
                  ->append(event_log::testing::batch({}, {{{0}, "service", "process 1"}})));
  ASSERT_TRUE(writer_of(*to_, {0})->append(
      event_log::testing::batch({}, {{{0}, "roots", "fingerprints"}})));
  ASSERT_TRUE(copy(*to_));
  EXPECT_EQ(*to_->key({0}, "service"), std::nullopt);
  EXPECT_EQ(*to_->key({0}, "roots"), "fingerprints");
}

class OtherHistory : public CopyOfALog {
 protected:
  /// The destination has the first 50 events of partition 0, and as many of its own.
  static void append(Writer& writer, std::vector<CommittedEvent> events) {
    ASSERT_TRUE(writer.append(event_log::testing::batch(std::move(events))));
  }

  void SetUp() override {
    write(4, 25);
    History fork(*from_);
    const auto writer = writer_of(*to_, {0});
    for (const std::size_t count : {25, 25}) append(*writer, next_of(fork, {0}, count));
    append(*writer, {fork.next({0}, schema::KeyUsed{}, "somebody else")});
    append(*writer, next_of(fork, {0}, 49));
  }
};

TEST_F(OtherHistory, IsRefusedByItsFirstDifferenceAndNothingIsWritten) {
  ASSERT_EQ(history_.of({0})[49].value, std::string((**to_->at({{0}, {50}}))));
  const auto before = read_all(*to_, {{0}, {0}}).size();
  const auto report = copy(*to_);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().kind, CopyFaultKind::finding);
  EXPECT_THAT(report.error().message, HasSubstr("from 0:51 on"));
  EXPECT_EQ(read_all(*to_, {{0}, {0}}).size(), before);
  EXPECT_EQ(to_->end({3}), Sequence{0});
  EXPECT_EQ(state_of(*to_), std::nullopt);
}

TEST_F(CopyOfALog, IsRefusedWhereTheDestinationWentOnByItself) {
  write(1);
  ASSERT_TRUE(copy(*to_));
  History goes_on = history_;
  ASSERT_TRUE(writer_of(*to_, {3})->append(event_log::testing::batch(next_of(goes_on, {3}, 1))));
  const auto report = copy(*to_);
  ASSERT_FALSE(report);
  EXPECT_THAT(report.error().message, HasSubstr("from 3:2 on"));
}

TEST_F(CopyOfALog, IsRefusedForAnotherDeploymentOrNumberOfPartitions) {
  write(1);
  for (const auto& store :
       {make_memory_store(5, std::string(kName)), make_memory_store(4, "another00000")}) {
    const auto other = open_memory(store);
    const auto report = copy(*other);
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().kind, CopyFaultKind::finding);
    EXPECT_EQ(state_of(*other), std::nullopt);
  }
}

TEST_F(CopyOfALog, EndsWhereTheSourcesChainIsBroken) {
  write(1, 5);
  History forged(*from_);
  next_of(forged, {0}, 5);
  CommittedEvent torn = forged.next({0}, schema::KeyUsed{}, "x");
  torn.envelope.previous = schema::Digest{};
  torn.value.clear();
  schema::write_event(torn.value, torn.envelope, torn.event);
  ASSERT_TRUE(writer_of(*from_, {0})->append(event_log::testing::batch({torn})));
  const auto report = copy(*to_);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().kind, CopyFaultKind::finding);
  EXPECT_THAT(report.error().message, HasSubstr("0:6: its prevhash"));
  EXPECT_EQ(state_of(*to_), CopyState::unfinished);
}

TEST_F(CopyOfALog, LiesInADirectoryUnderTheSameName) {
  write(20);
  const TemporaryDirectory directory;
  const auto opened = [&] {
    auto log = open_embedded({.directory = directory.path(),
                              .partitions = 4,
                              .deployment = std::string(from_->deployment()),
                              .segment_bytes = 8192});
    EXPECT_TRUE(log) << log.error().message;
    return std::move(*log);
  };
  for (int round = 0; round < 2; ++round) {
    const auto to = opened();
    EXPECT_EQ(to->deployment(), kName);
    const auto report = copy(*to);
    ASSERT_TRUE(report) << report.error().message;
    expect_copied(*to);
    write(5);
  }
  const auto back = open_memory(make_memory_store(4));
  auto to = opened();
  ASSERT_TRUE(copy(*to));
  const auto report = copy_log(*to, *back, {.from = "embedded"});
  ASSERT_TRUE(report) << report.error().message;
  expect_copied(*back);
}

}  // namespace
}  // namespace boxoffice::replay
