#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "event-log/side_topic.hpp"

/// What every adapter promises. An adapter joins by a fixture:
///
///     struct MyAdapter {
///       SideTopic& topic();   // with 4 partitions; on one store as long as the fixture lives
///       void reopen();        // as another process has it
///     };
///     INSTANTIATE_TYPED_TEST_SUITE_P(Mine, SideTopicContract, MyAdapter);
namespace boxoffice::event_log::testing {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

template <class Adapter>
class SideTopicContract : public ::testing::Test {
 protected:
  static constexpr Partition kFirst{0};
  static constexpr Partition kOther{3};
  static constexpr std::chrono::milliseconds kPatience{60'000};

  static schema::Instant at(int seconds) {
    return schema::Instant(1'800'000'000s) + std::chrono::seconds(seconds);
  }

  SideTopic& topic() { return adapter_.topic(); }
  void reopen() { adapter_.reopen(); }

  static void send(SideTopic::Sending& sending, std::string_view value, int seconds = 0) {
    const auto sent = sending.send(value, at(seconds), kPatience);
    ASSERT_TRUE(sent) << sent.error().message;
  }
  static SideTopic::Sending::Settled settled(SideTopic::Sending& sending) {
    const auto settled = sending.settle(kPatience);
    EXPECT_TRUE(settled) << settled.error().message;
    return settled.value_or(SideTopic::Sending::Settled{});
  }
  /// Sent by one sender, and durable.
  SideTopic::Sending::Settled keep(Partition partition, std::vector<std::string> values) {
    const auto sending = topic().send_to(partition);
    int seconds = 0;
    for (const std::string& value : values) send(*sending, value, seconds++);
    return settled(*sending);
  }

  SideTopic::Range range(Partition partition) {
    const auto range = topic().range(partition);
    EXPECT_TRUE(range) << range.error().message;
    return range.value_or(SideTopic::Range{});
  }
  std::vector<std::string> read(Partition partition, std::uint64_t from, std::uint64_t to) {
    std::vector<std::string> values;
    std::uint64_t next = from;
    const auto done = topic().read(partition, from, to, [&](const SideRecord& record) {
      EXPECT_GE(record.offset, next) << "in order";
      next = record.offset + 1;
      values.emplace_back(record.value);
      return true;
    });
    EXPECT_TRUE(done) << done.error().message;
    EXPECT_LE(next, std::max(from, to));
    return values;
  }
  std::vector<std::string> all(Partition partition) {
    const auto [first, end] = range(partition);
    return read(partition, first, end);
  }
  std::uint64_t first_at(Partition partition, int seconds) {
    const auto found = topic().first_at(partition, at(seconds));
    EXPECT_TRUE(found) << found.error().message;
    return found.value_or(0);
  }

  Adapter adapter_;
};

TYPED_TEST_SUITE_P(SideTopicContract);

TYPED_TEST_P(SideTopicContract, BeginsEmpty) {
  const auto [first, end] = this->range(this->kFirst);
  EXPECT_EQ(first, end);
  EXPECT_THAT(this->all(this->kFirst), IsEmpty());
  EXPECT_EQ(this->first_at(this->kFirst, 0), end);
}

TYPED_TEST_P(SideTopicContract, KeepsWhatIsSettledInOrderAndInItsPartition) {
  this->keep(this->kFirst, {"one", "two"});
  this->keep(this->kOther, {"elsewhere"});
  this->keep(this->kFirst, {"three"});
  this->reopen();
  EXPECT_THAT(this->all(this->kFirst), ElementsAre("one", "two", "three"));
  EXPECT_THAT(this->all(this->kOther), ElementsAre("elsewhere"));
}

TYPED_TEST_P(SideTopicContract, TellsWhereASendersRecordsLie) {
  this->keep(this->kFirst, {"before"});
  const auto [first, last] = this->keep(this->kFirst, {"one", "two", "three"});
  this->keep(this->kFirst, {"behind"});
  EXPECT_THAT(this->read(this->kFirst, first, last + 1), ElementsAre("one", "two", "three"));
  EXPECT_THAT(this->read(this->kFirst, last, last + 1), ElementsAre("three"));
}

TYPED_TEST_P(SideTopicContract, SettlesWhatWasSentSinceTheLastTime) {
  const auto sending = this->topic().send_to(this->kFirst);
  this->send(*sending, "one");
  const auto one = this->settled(*sending);
  this->send(*sending, "two");
  this->send(*sending, "three");
  const auto two = this->settled(*sending);
  EXPECT_GT(two.first, one.last);
  EXPECT_THAT(this->read(this->kFirst, two.first, two.last + 1), ElementsAre("two", "three"));
}

TYPED_TEST_P(SideTopicContract, TakesRecordsOfBytesOfAnyKindAndOfTheLargestSize) {
  std::string large(kSideValueBytesMax, '\0');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * 31 % 251);
  std::vector<std::string> values(40, large);
  for (std::size_t i = 0; i < values.size(); ++i) values[i][0] = static_cast<char>(i);
  this->keep(this->kFirst, values);
  EXPECT_TRUE(this->all(this->kFirst) == values)
      << "all 36 MB of them, more than is on its way at once";
}

TYPED_TEST_P(SideTopicContract, StopsReadingWhenNoMoreIsWanted) {
  this->keep(this->kFirst, {"one", "two", "three"});
  const auto [first, end] = this->range(this->kFirst);
  std::vector<std::string> values;
  ASSERT_TRUE(this->topic().read(this->kFirst, first, end, [&](const SideRecord& record) {
    values.emplace_back(record.value);
    return values.size() < 2;
  }));
  EXPECT_THAT(values, ElementsAre("one", "two"));
}

TYPED_TEST_P(SideTopicContract, FindsTheFirstRecordOfATimeOrLater) {
  const auto [first, last] = this->keep(this->kFirst, {"noon", "a second past", "two past"});
  EXPECT_EQ(this->first_at(this->kFirst, -1), first);
  EXPECT_EQ(this->first_at(this->kFirst, 0), first);
  EXPECT_EQ(this->first_at(this->kFirst, 2), last);
  EXPECT_EQ(this->first_at(this->kFirst, 3), this->range(this->kFirst).end);
  const auto late = this->topic().send_to(this->kFirst);
  this->send(*late, "an earlier one that comes late", 1);
  this->settled(*late);
  EXPECT_EQ(this->first_at(this->kFirst, 2), last);
}

TYPED_TEST_P(SideTopicContract, HasNothingLeftOfWhatIsTrimmed) {
  const auto [first, last] = this->keep(this->kFirst, {"one", "two", "three"});
  const auto end = this->range(this->kFirst).end;
  ASSERT_TRUE(this->topic().trim(this->kFirst, last));
  ASSERT_TRUE(this->topic().trim(this->kFirst, first)) << "somebody who knows less than another";
  this->reopen();
  EXPECT_EQ(this->range(this->kFirst).first, last);
  EXPECT_EQ(this->range(this->kFirst).end, end);
  EXPECT_THAT(this->all(this->kFirst), ElementsAre("three"));
  EXPECT_THAT(this->read(this->kFirst, first, end), ElementsAre("three")) << "the rest is left out";
  EXPECT_EQ(this->first_at(this->kFirst, 0), last);
}

TYPED_TEST_P(SideTopicContract, TakesSendersSideBySide) {
  const auto one = this->topic().send_to(this->kFirst);
  const auto other = this->topic().send_to(this->kFirst);
  this->send(*one, "a1");
  this->send(*other, "b1");
  this->send(*one, "a2");
  const auto of_one = this->settled(*one);
  const auto of_other = this->settled(*other);
  EXPECT_THAT(this->all(this->kFirst), ::testing::UnorderedElementsAre("a1", "b1", "a2"));
  EXPECT_THAT(this->read(this->kFirst, of_one.first, of_one.first + 1), ElementsAre("a1"));
  EXPECT_THAT(this->read(this->kFirst, of_one.last, of_one.last + 1), ElementsAre("a2"));
  EXPECT_THAT(this->read(this->kFirst, of_other.first, of_other.last + 1), ElementsAre("b1"));
}

REGISTER_TYPED_TEST_SUITE_P(SideTopicContract, BeginsEmpty,
                            KeepsWhatIsSettledInOrderAndInItsPartition,
                            TellsWhereASendersRecordsLie, SettlesWhatWasSentSinceTheLastTime,
                            TakesRecordsOfBytesOfAnyKindAndOfTheLargestSize,
                            StopsReadingWhenNoMoreIsWanted, FindsTheFirstRecordOfATimeOrLater,
                            HasNothingLeftOfWhatIsTrimmed, TakesSendersSideBySide);

}  // namespace boxoffice::event_log::testing
