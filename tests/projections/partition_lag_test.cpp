#include "projections/runner/partition_lag.hpp"

#include "tests/projections/read_models_fixture.hpp"

namespace boxoffice::projections {
namespace {

class LagOfAPartition : public ReadModelsTest {
 protected:
  PartitionLag lag(Partition partition) { return models().lag_of(partition, history_.now()); }
};

TEST_F(LagOfAPartition, IsNothingWhereAllIsApplied) {
  const Position last = history_.happens(occasion_created(1));
  apply_all();
  history_.pass(1h);
  EXPECT_EQ(lag(last.partition).events, 0u);
  EXPECT_EQ(lag(last.partition).age, 0ms);
}

TEST_F(LagOfAPartition, CountsFromTheFirstEventThatIsNotApplied) {
  const Partition partition = history_.happens(occasion_created(1)).partition;
  apply_all();
  history_.pass(5s);
  history_.happens(occasion_changed(1, {{"main", 20}}));
  history_.pass(2s);
  history_.happens(occasion_changed(1, {{"main", 30}}));
  history_.pass(1s);
  EXPECT_EQ(lag(partition).events, 2u);
  EXPECT_EQ(lag(partition).age, 3s);
  std::uint64_t everywhere = 0;
  for (std::uint16_t i = 0; i < history_.log().partitions(); ++i) everywhere += lag({i}).events;
  EXPECT_EQ(everywhere, 2u) << "no other partition is behind";
}

TEST_F(LagOfAPartition, IsNeverBelowNothing) {
  const Partition partition = history_.happens(occasion_created(1)).partition;
  EXPECT_EQ(models().lag_of(partition, history_.now() - 1h).age, 0ms);
}

/// Others append to it, and for a minute nobody has told how far it goes. Nothing can be read.
class LogOutOfReach : public event_log::Log {
 public:
  std::uint16_t partitions() const override { return 1; }
  std::string_view deployment() const override { return "abcdefghijkl"; }
  Sequence end(Partition) const override { return {7}; }
  std::chrono::milliseconds end_age() const override { return 1min; }
  event_log::Result<std::optional<std::string>> at(Position) override {
    ADD_FAILURE() << "it would wait for somebody who does not answer";
    return std::nullopt;
  }
  event_log::Result<std::unique_ptr<event_log::Writer>> take_over(
      std::span<const Partition>) override {
    return nullptr;
  }
  std::unique_ptr<event_log::Cursor> read_after(Position) override { return nullptr; }
  event_log::Result<std::optional<std::string>> key(Partition, std::string_view) override {
    return std::nullopt;
  }
  event_log::Result<void> read_keys(const event_log::KeyVisitor&) override { return {}; }
  std::shared_ptr<void> follow(event_log::Follower) override { return nullptr; }
};

TEST(LagOfALogOutOfReach, IsAsOldAsWhatIsKnownOfIt) {
  LogOutOfReach log;
  const PartitionLag behind = partition_lag(log, {{0}, {4}}, {});
  EXPECT_EQ(behind.events, 3u);
  EXPECT_EQ(behind.age, 1min);
  EXPECT_EQ(partition_lag(log, {{0}, {7}}, {}).age, 1min) << "there may be more";
}

}  // namespace
}  // namespace boxoffice::projections
