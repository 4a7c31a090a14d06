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

}  // namespace
}  // namespace boxoffice::projections
