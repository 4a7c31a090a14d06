#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "event-log/about.hpp"
#include "tests/log/history.hpp"

/// What every adapter promises. An adapter joins by a fixture:
///
///     struct MyAdapter {
///       static constexpr bool kBatchesSpanPartitions = …;
///       Log& log();      // with 4 partitions; on one store as long as the fixture lives
///       void reopen();   // as a restart of the process: closes the log and opens it again; what
///       came from the old one is gone
///     };
///     INSTANTIATE_TYPED_TEST_SUITE_P(Mine, LogContract, MyAdapter);
namespace boxoffice::event_log::testing {

template <class Adapter>
class LogContract : public ::testing::Test {
 protected:
  static constexpr Partition kFirst{0};
  static constexpr Partition kOther{3};

  Log& log() { return adapter_.log(); }
  void reopen() { adapter_.reopen(); }

  /// A batch of the partition's next events, appended.
  void append(Writer& writer, Partition partition, std::size_t count) {
    const auto done = writer.append(history_.next_batch(partition, count));
    ASSERT_TRUE(done) << done.error().message;
  }

  std::optional<std::string> key(Partition partition, std::string_view name) {
    const auto found = log().key(partition, name);
    EXPECT_TRUE(found) << found.error().message;
    return found ? *found : std::nullopt;
  }

  Adapter adapter_;
  History history_{adapter_.log()};
};

TYPED_TEST_SUITE_P(LogContract);

TYPED_TEST_P(LogContract, BeginsEmptyAndNamed) {
  EXPECT_EQ(this->log().partitions(), 4);
  EXPECT_THAT(std::string(this->log().deployment()), ::testing::MatchesRegex("[a-z0-9]{12}"));
  EXPECT_EQ(this->log().end(this->kFirst), Sequence{0});
  EXPECT_TRUE(read_all(this->log(), {this->kFirst, {0}}).empty());
}

TYPED_TEST_P(LogContract, ReadsBackTheExactBytesInOrderOverSeveralTopics) {
  const auto writer = writer_of(this->log(), {0});
  for (const std::size_t count : {1, 5, 200}) this->append(*writer, this->kFirst, count);
  expect_holds(this->log(), this->history_, this->kFirst);
}

TYPED_TEST_P(LogContract, AppendsToSeveralPartitionsAtOnceOrRefusesTo) {
  const auto writer = writer_of(this->log(), {0, 3});
  std::vector<CommittedEvent> events;
  for (int i = 0; i < 20; ++i)
    events.push_back(this->history_.next(i % 3 == 0 ? this->kFirst : this->kOther,
                                         schema::KeyUsed{}, std::to_string(i)));
  if (!TypeParam::kBatchesSpanPartitions) {
    EXPECT_DEATH((void)writer->append(batch(std::move(events))), "a batch concerns one partition");
    return;
  }
  const auto done = writer->append(batch(std::move(events)));
  ASSERT_TRUE(done) << done.error().message;
  expect_holds(this->log(), this->history_, this->kFirst);
  expect_holds(this->log(), this->history_, this->kOther);
}

TYPED_TEST_P(LogContract, KeepsTheChainThatWasAppended) {
  const auto writer = writer_of(this->log(), {0});
  for (int i = 0; i < 40; ++i)
    ASSERT_TRUE(writer->append(
        batch({this->history_.next(this->kFirst, schema::KeyUsed{}, std::to_string(i))})));
  schema::Reader reader;
  std::optional<schema::Digest> previous;
  for (Read& read : read_all(this->log(), {this->kFirst, {0}})) {
    const std::string value = read.value;
    read.value.append(schema::kPadding, '\0');
    schema::Envelope envelope;
    schema::Event event;
    const auto parsed =
        reader.event(std::string_view(read.value).substr(0, value.size()), envelope, event);
    ASSERT_TRUE(parsed) << parsed.error().pointer << ": " << parsed.error().detail;
    EXPECT_EQ(envelope.previous, previous);
    EXPECT_EQ(envelope.position, read.position);
    previous = sha256(value);
  }
}

TYPED_TEST_P(LogContract, KeepsValuesOfEveryLength) {
  const auto writer = writer_of(this->log(), {0});
  for (const std::size_t bytes : {500, 2000, 2031, 2032, 2048, 20'000, int{kValueBytesMax}}) {
    History probe = this->history_;
    const std::size_t shortest = probe.next(this->kFirst, schema::KeyUsed{}, "b").value.size();
    const CommittedEvent event = this->history_.next(this->kFirst, schema::KeyUsed{},
                                                     std::string(bytes - shortest + 1, 'b'));
    ASSERT_EQ(event.value.size(), bytes);
    const auto done = writer->append(batch({event}));
    ASSERT_TRUE(done) << done.error().message;
  }
  expect_holds(this->log(), this->history_, this->kFirst);
}

TYPED_TEST_P(LogContract, ReadsFromAnyPosition) {
  const auto writer = writer_of(this->log(), {0});
  for (int i = 0; i < 10; ++i) this->append(*writer, this->kFirst, 7);
  const auto& expected = this->history_.of(this->kFirst);
  for (std::size_t after = 0; after <= expected.size(); ++after) {
    const auto read = read_all(this->log(), {this->kFirst, {after}}, 1000);
    ASSERT_EQ(read.size(), expected.size() - after);
    for (std::size_t i = 0; i < read.size(); ++i)
      ASSERT_EQ(read[i].value, expected[after + i].value);
  }
  EXPECT_TRUE(read_all(this->log(), {this->kFirst, {expected.size() + 5}}).empty());
}

TYPED_TEST_P(LogContract, ReadsAtLeastOneEventAndNotManyMoreBytesThanAskedFor) {
  const auto writer = writer_of(this->log(), {0});
  this->append(*writer, this->kFirst, 100);
  const auto cursor = this->log().read_after({this->kFirst, {0}});
  const auto one = cursor->read(1);
  ASSERT_TRUE(one);
  EXPECT_EQ(one->size(), 1u);
  const auto some = cursor->read(10'000);
  ASSERT_TRUE(some);
  EXPECT_GT(some->size(), 5u);
  EXPECT_LT(some->size(), 60u);
}

TYPED_TEST_P(LogContract, HasNoEventOutsideItsEnds) {
  const auto writer = writer_of(this->log(), {0});
  this->append(*writer, this->kFirst, 3);
  for (const std::uint64_t sequence : {0, 4, 5, 1'000'000}) {
    const auto at = this->log().at({this->kFirst, {sequence}});
    ASSERT_TRUE(at) << at.error().message;
    EXPECT_EQ(*at, std::nullopt);
  }
}

TYPED_TEST_P(LogContract, GoesOnReadingWhenMoreWasAppended) {
  const auto writer = writer_of(this->log(), {0});
  const auto cursor = this->log().read_after({this->kFirst, {0}});
  for (std::uint64_t round = 0; round < 5; ++round) {
    const auto nothing = cursor->read(1000);
    ASSERT_TRUE(nothing && nothing->empty());
    this->append(*writer, this->kFirst, 1);
    const auto one = cursor->read(1000);
    ASSERT_TRUE(one);
    ASSERT_EQ(one->size(), 1u);
    EXPECT_EQ(one->front().position.sequence.value, round + 1);
    // The padding that parsing needs.
    volatile char last =
        one->front().value.data()[one->front().value.size() + schema::kPadding - 1];
    (void)last;
  }
}

TYPED_TEST_P(LogContract, HandsEachBatchToFollowersOnceInOrderWhenItIsCommitted) {
  const auto writer = writer_of(this->log(), {0});
  std::vector<BatchPtr> first_seen;
  std::vector<Sequence> end_then;
  std::size_t second_seen = 0;
  auto first = this->log().follow([&](const BatchPtr& batch) {
    first_seen.push_back(batch);
    end_then.push_back(this->log().end(this->kFirst));
  });
  std::vector<BatchPtr> appended;
  for (std::size_t i = 1; i <= 4; ++i) {
    if (i == 3) first.reset();
    const auto second = this->log().follow([&](const BatchPtr&) { ++second_seen; });
    appended.push_back(this->history_.next_batch(this->kFirst, i));
    ASSERT_TRUE(writer->append(appended.back()));
  }
  EXPECT_THAT(first_seen, ::testing::ElementsAre(appended[0], appended[1]));
  EXPECT_THAT(end_then, ::testing::ElementsAre(Sequence{1}, Sequence{3}));
  EXPECT_EQ(second_seen, 4u);
}

TYPED_TEST_P(LogContract, LetsAFollowerEndItsOwnFollowing) {
  const auto writer = writer_of(this->log(), {0});
  std::shared_ptr<void> following;
  int seen = 0;
  following = this->log().follow([&](const BatchPtr&) {
    ++seen;
    following.reset();
  });
  this->append(*writer, this->kFirst, 1);
  this->append(*writer, this->kFirst, 1);
  EXPECT_EQ(seen, 1);
}

TYPED_TEST_P(LogContract, IsReadByManyWhileItGrows) {
  constexpr std::uint64_t kEvents = 600;
  const auto writer = writer_of(this->log(), {0});
  std::atomic<std::uint64_t> committed = 0;
  const auto following = this->log().follow([&](const BatchPtr& batch) {
    committed = batch->events.back().envelope.position.sequence.value;
    committed.notify_all();
  });
  std::vector<std::vector<std::string>> read(3);
  std::vector<std::thread> readers;
  for (auto& values : read)
    readers.emplace_back([&] {
      const auto cursor = this->log().read_after({this->kFirst, {0}});
      for (std::uint64_t seen = 0; seen < kEvents;) {
        committed.wait(seen);
        const auto some = cursor->read(3000);
        if (!some || some->empty()) return;
        for (const StoredEvent& event : *some) values.emplace_back(event.value);
        seen = some->back().position.sequence.value;
        // What was read may be ahead of what was announced.
        for (auto known = committed.load(); known < seen; known = committed.load())
          committed.wait(known);
      }
    });
  while (this->history_.end(this->kFirst).value < kEvents) this->append(*writer, this->kFirst, 6);
  for (std::thread& reader : readers) reader.join();
  for (const auto& values : read) {
    ASSERT_EQ(values.size(), kEvents);
    for (std::size_t i = 0; i < kEvents; ++i)
      ASSERT_EQ(values[i], this->history_.of(this->kFirst)[i].value);
  }
}

TYPED_TEST_P(LogContract, FencesTheWriterThatWasThereBeforeAndShowsNothingOfIt) {
  const auto old_writer = writer_of(this->log(), {0, 3});
  this->append(*old_writer, this->kFirst, 2);
  const auto new_writer = writer_of(this->log(), {0});
  int followed = 0;
  const auto following = this->log().follow([&](const BatchPtr&) { ++followed; });
  for (int i = 0; i < 2; ++i) {
    History lost = this->history_;
    const auto refused = old_writer->append(lost.next_batch(this->kFirst, 1));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, LogErrorKind::fenced);
    EXPECT_FALSE(refused.error().message.empty());
  }
  EXPECT_EQ(followed, 0);
  this->append(*new_writer, this->kFirst, 3);
  expect_holds(this->log(), this->history_, this->kFirst);
  EXPECT_EQ(this->log().end(this->kOther), Sequence{0});
}

TYPED_TEST_P(LogContract, HasOneWriterForEachPartitionSideBySide) {
  const auto first = writer_of(this->log(), {0});
  const auto other = writer_of(this->log(), {3});
  for (int i = 0; i < 3; ++i) {
    this->append(*first, this->kFirst, 2);
    this->append(*other, this->kOther, 3);
  }
  expect_holds(this->log(), this->history_, this->kFirst);
  expect_holds(this->log(), this->history_, this->kOther);
}

TYPED_TEST_P(LogContract, KeepsWrappedKeysUntilTheyAreDestroyed) {
  const auto writer = writer_of(this->log(), {0, 3});
  EXPECT_EQ(this->key(this->kFirst, "person/a"), std::nullopt);
  ASSERT_TRUE(writer->append(
      batch({this->history_.next(this->kFirst, schema::KeyUsed{}, "x")},
            {{this->kFirst, "person/a", "wrapped a"}, {this->kFirst, "person/b", "wrapped b"}})));
  ASSERT_TRUE(writer->append(batch({}, {{this->kFirst, "person/b", "wrapped anew"}})));
  EXPECT_EQ(this->key(this->kFirst, "person/a"), "wrapped a");
  EXPECT_EQ(this->key(this->kFirst, "person/b"), "wrapped anew");
  EXPECT_EQ(this->key(this->kOther, "person/a"), std::nullopt);

  ASSERT_TRUE(writer->append(batch({}, {{this->kFirst, "person/a", ""}})));
  this->reopen();
  EXPECT_EQ(this->key(this->kFirst, "person/a"), std::nullopt);
  EXPECT_EQ(this->key(this->kFirst, "person/b"), "wrapped anew");
  expect_holds(this->log(), this->history_, this->kFirst);
}

TYPED_TEST_P(LogContract, HandsOverAllKeysThatAreLeft) {
  {
    const auto first = writer_of(this->log(), {0});
    const auto other = writer_of(this->log(), {3});
    for (int i = 0; i < 300; ++i)
      ASSERT_TRUE(first->append(
          batch({this->history_.next(this->kFirst, schema::KeyUsed{}, "x")},
                {{this->kFirst, "person/" + std::to_string(i), "a" + std::to_string(i)}})));
    ASSERT_TRUE(first->append(
        batch({}, {{this->kFirst, "person/7", "anew"}, {this->kFirst, "person/8", ""}})));
    ASSERT_TRUE(other->append(batch({}, {{this->kOther, "person/7", "another's"}})));
  }
  for (int restart = 0; restart < 2; ++restart) {
    std::map<std::pair<Partition, std::string>, std::string> left;
    const auto read = this->log().read_keys([&](const KeyRecord& key) {
      left[{key.partition, key.name}] = key.value;
      return true;
    });
    ASSERT_TRUE(read) << read.error().message;
    std::erase_if(left, [](const auto& key) {
      return key.second.empty() || !key.first.second.starts_with("person/");
    });
    EXPECT_EQ(left.size(), 300u);
    EXPECT_EQ((left[{this->kFirst, "person/7"}]), "anew");
    EXPECT_EQ((left[{this->kFirst, "person/9"}]), "a9");
    EXPECT_EQ((left[{this->kOther, "person/7"}]), "another's");
    EXPECT_FALSE((left.contains({this->kFirst, "person/8"})));
    this->reopen();
  }
}

TYPED_TEST_P(LogContract, StopsReadingKeysWhenNoMoreAreWanted) {
  const auto writer = writer_of(this->log(), {0});
  ASSERT_TRUE(writer->append(
      batch({}, {{this->kFirst, "person/a", "wrapped a"}, {this->kFirst, "person/b", "b"}})));
  int handed = 0;
  ASSERT_TRUE(this->log().read_keys([&](const KeyRecord&) { return ++handed < 1; }));
  EXPECT_EQ(handed, 1);
}

TYPED_TEST_P(LogContract, KeepsWhatItSaysOfItselfApartFromWrappedKeys) {
  const auto writer = writer_of(this->log(), {kAboutPartition.value});
  EXPECT_EQ(this->key(kAboutPartition, "service"), std::nullopt);
  ASSERT_TRUE(writer->append(batch({this->history_.next(kAboutPartition, schema::KeyUsed{}, "x")},
                                   {{kAboutPartition, "service", "one"},
                                    {kAboutPartition, "copy", "whole"},
                                    {kAboutPartition, "person/a", "wrapped a"}})));
  EXPECT_EQ(this->key(kAboutPartition, "service"), "one");
  ASSERT_TRUE(writer->append(
      batch({}, {{kAboutPartition, "service", "two"}, {kAboutPartition, "copy", ""}})));
  for (int restart = 0; restart < 2; ++restart) {
    EXPECT_EQ(this->key(kAboutPartition, "service"), "two");
    EXPECT_EQ(this->key(kAboutPartition, "copy"), std::nullopt);
    std::vector<std::string> wrapped;
    ASSERT_TRUE(this->log().read_keys([&](const KeyRecord& key) {
      wrapped.push_back(key.name);
      return true;
    }));
    EXPECT_THAT(wrapped, ::testing::ElementsAre("person/a"));
    this->reopen();
  }
}

TYPED_TEST_P(LogContract, LosesNothingByARestart) {
  const std::string deployment(this->log().deployment());
  for (int restart = 0; restart < 3; ++restart) {
    {
      const auto writer = writer_of(this->log(), {0, 3});
      this->append(*writer, this->kFirst, 30);
      this->append(*writer, this->kOther, 3);
    }
    this->reopen();
    EXPECT_EQ(this->log().deployment(), deployment);
    expect_holds(this->log(), this->history_, this->kFirst);
    expect_holds(this->log(), this->history_, this->kOther);
  }
}

REGISTER_TYPED_TEST_SUITE_P(
    LogContract, BeginsEmptyAndNamed, ReadsBackTheExactBytesInOrderOverSeveralTopics,
    AppendsToSeveralPartitionsAtOnceOrRefusesTo, KeepsTheChainThatWasAppended,
    KeepsValuesOfEveryLength, ReadsFromAnyPosition,
    ReadsAtLeastOneEventAndNotManyMoreBytesThanAskedFor, HasNoEventOutsideItsEnds,
    GoesOnReadingWhenMoreWasAppended, HandsEachBatchToFollowersOnceInOrderWhenItIsCommitted,
    LetsAFollowerEndItsOwnFollowing, IsReadByManyWhileItGrows,
    FencesTheWriterThatWasThereBeforeAndShowsNothingOfIt, HasOneWriterForEachPartitionSideBySide,
    KeepsWrappedKeysUntilTheyAreDestroyed, HandsOverAllKeysThatAreLeft,
    StopsReadingKeysWhenNoMoreAreWanted, KeepsWhatItSaysOfItselfApartFromWrappedKeys,
    LosesNothingByARestart);

}  // namespace boxoffice::event_log::testing
