// The group that processors share partitions by, as it is simulated.

#include "tests/simulation/cluster/group.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace boxoffice::simulation {
namespace {

using schema::Partition;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class GroupTest : public ::testing::Test {
 protected:
  /// What a member should have by now.
  Group::Partitions share(Group::Member member, Group::Partitions has = {}) {
    return group_.hear(member, has).value();
  }

  static constexpr std::uint64_t kSession = 5;
  Group group_{2, kSession};
};

TEST_F(GroupTest, SharesOutAllPartitions) {
  const auto first = group_.join();
  EXPECT_THAT(share(first), ElementsAre(Partition{0}, Partition{1}));
}

TEST_F(GroupTest, HandsAPartitionOnWhenItIsGivenUpAndNotBefore) {
  const auto first = group_.join();
  const auto all = share(first);
  const auto second = group_.join();
  EXPECT_THAT(share(second), IsEmpty()) << "the first does not know yet";
  EXPECT_THAT(share(first, all), ElementsAre(Partition{0}));
  EXPECT_THAT(share(second), IsEmpty()) << "the first still has it";
  EXPECT_TRUE(group_.takes_offset(first, {1}));
  EXPECT_THAT(share(first, {{0}}), ElementsAre(Partition{0}));
  EXPECT_FALSE(group_.takes_offset(first, {1}));
  EXPECT_THAT(share(second), ElementsAre(Partition{1}));
  EXPECT_TRUE(group_.takes_offset(second, {1}));
}

TEST_F(GroupTest, TakesAMemberThatIsSilentForGone) {
  const auto zombie = group_.join();
  const auto all = share(zombie);
  const auto next = group_.join();
  for (std::uint64_t tick = 0; tick <= kSession; ++tick) {
    EXPECT_THAT(share(next), IsEmpty());
    group_.tick();
  }
  EXPECT_EQ(share(next), all);
  EXPECT_FALSE(group_.takes_offset(zombie, {0}));
  EXPECT_EQ(group_.hear(zombie, all), std::nullopt) << "it learns it when it is heard again";
}

TEST_F(GroupTest, KnowsWhoOwnedWhatUntilWhen) {
  const auto first = group_.join();
  EXPECT_EQ(group_.last_owned(first, {0}), std::nullopt);
  share(first);
  EXPECT_EQ(group_.last_owned(first, {0}), group_.now());
  group_.expel_one(0);
  const auto lost = group_.last_owned(first, {0});
  ASSERT_TRUE(lost);
  EXPECT_LT(*lost, group_.now());
  const auto second = group_.join();
  share(second);
  EXPECT_EQ(group_.last_owned(first, {0}), lost);
  EXPECT_EQ(group_.last_owned(second, {0}), group_.now());
}

}  // namespace
}  // namespace boxoffice::simulation
