// The brokers in memory are as strict as real ones: what the simulator's findings stand on.

#include "event-log/memory/broker.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace boxoffice::event_log {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Answer = Broker::Answer;
using End = Broker::End;

class BrokerTest : public ::testing::Test {
 protected:
  /// Lanes of one partition, by number.
  static BrokerLane lane(std::size_t number) { return {number, {0}}; }

  Answer write(const Broker::Producer& producer, std::string value, std::size_t to = 0) {
    if (const auto added = broker_.add(producer, lane(to)); added != Answer::done) return added;
    return broker_.produce(producer, lane(to), {.key = "k", .bytes = std::move(value)});
  }
  std::vector<std::string> shown(Broker::Isolation isolation = Broker::Isolation::read_committed,
                                 std::size_t of = 0) {
    std::uint64_t from = 0;
    std::vector<std::string> values;
    for (const BrokerRecord* record : broker_.read(lane(of), from, isolation))
      values.emplace_back(record->value());
    return values;
  }

  bool delays_markers_ = false;
  Broker broker_{1, [this] { return delays_markers_; }};
};

TEST_F(BrokerTest, ShowsWhatWasCommittedAndNothingElse) {
  const auto a = broker_.fence("a");
  write(a, "committed");
  EXPECT_THAT(shown(), IsEmpty());
  EXPECT_THAT(shown(Broker::Isolation::read_uncommitted), ElementsAre("committed"));
  broker_.end(a, End::commit);
  write(a, "aborted");
  broker_.end(a, End::abort);
  write(a, "open");
  EXPECT_THAT(shown(), ElementsAre("committed"));
}

TEST_F(BrokerTest, HoldsReadersBackAtTheFirstOpenTransaction) {
  const auto a = broker_.fence("a");
  const auto b = broker_.fence("b");
  write(a, "open");
  write(b, "committed behind it");
  broker_.end(b, End::commit);
  EXPECT_THAT(shown(), IsEmpty());
  EXPECT_LT(broker_.stable_end_of(lane(0)), broker_.end_of(lane(0)));
  broker_.end(a, End::abort);
  EXPECT_THAT(shown(), ElementsAre("committed behind it"));
  EXPECT_EQ(broker_.stable_end_of(lane(0)), broker_.end_of(lane(0)));
}

TEST_F(BrokerTest, MakesACommitVisibleLaneByLane) {
  const auto a = broker_.fence("a");
  delays_markers_ = true;
  write(a, "here", 0);
  write(a, "there", 1);
  broker_.end(a, End::commit);
  EXPECT_THAT(shown(), IsEmpty());
  EXPECT_TRUE(broker_.write_a_marker(0));
  EXPECT_EQ(shown().size() + shown(Broker::Isolation::read_committed, 1).size(), 1u);
  EXPECT_TRUE(broker_.write_a_marker(0));
  EXPECT_FALSE(broker_.write_a_marker(0));
  EXPECT_THAT(shown(), ElementsAre("here"));
  EXPECT_THAT(shown(Broker::Isolation::read_committed, 1), ElementsAre("there"));
}

TEST_F(BrokerTest, RefusesWhoeverWasFencedAndEndsWhatWasOpen) {
  const auto old = broker_.fence("a");
  write(old, "open");
  const auto young = broker_.fence("a");
  EXPECT_EQ(write(old, "more"), Answer::fenced);
  EXPECT_EQ(broker_.end(old, End::commit), Answer::fenced);
  EXPECT_EQ(write(young, "of the successor"), Answer::done);
  broker_.end(young, End::commit);
  EXPECT_THAT(shown(), ElementsAre("of the successor"));
}

TEST_F(BrokerTest, FinishesACommitThatWasDecidedBeforeTheFence) {
  const auto old = broker_.fence("a");
  delays_markers_ = true;
  write(old, "decided");
  broker_.end(old, End::commit);
  broker_.fence("a");
  EXPECT_THAT(shown(), ElementsAre("decided"));
}

TEST_F(BrokerTest, LetsALateRequestEndTheNextTransactionInItsMidst) {
  const auto a = broker_.fence("a");
  write(a, "first");
  broker_.send_later([&](Broker& broker) { broker.end(a, End::commit); });
  broker_.end(a, End::commit);
  write(a, "half of the second");
  EXPECT_TRUE(broker_.deliver_a_late_request(0));
  EXPECT_EQ(broker_.produce(a, lane(0), {.bytes = "the other half"}), Answer::not_in_transaction);
  EXPECT_THAT(shown(), ElementsAre("first", "half of the second"));
}

TEST_F(BrokerTest, RefusesALateRequestFromBeforeTheFence) {
  const auto old = broker_.fence("a");
  broker_.send_later([&](Broker& broker) { broker.end(old, End::commit); });
  const auto young = broker_.fence("a");
  write(young, "open");
  EXPECT_TRUE(broker_.deliver_a_late_request(0));
  EXPECT_THAT(shown(), IsEmpty());
}

TEST_F(BrokerTest, FencesWhoLeavesATransactionOpenForTooLong) {
  const auto a = broker_.fence("a");
  EXPECT_FALSE(broker_.time_out_a_transaction(0)) << "none is open";
  write(a, "open");
  EXPECT_TRUE(broker_.time_out_a_transaction(0));
  EXPECT_EQ(broker_.end(a, End::commit), Answer::fenced);
  EXPECT_EQ(broker_.stable_end_of(lane(0)), broker_.end_of(lane(0)));
  EXPECT_THAT(shown(), IsEmpty());
}

}  // namespace
}  // namespace boxoffice::event_log
