// Keys folded in memory from their topic alone.
#include "projections/keys/folded_accounts.hpp"

#include <gtest/gtest.h>

#include "tests/projections/history.hpp"

namespace boxoffice::projections {
namespace {

class Accountant : public FoldedAccounts {
 public:
  Accountant() : FoldedAccounts(4) {}
  std::chrono::milliseconds lag() const override { return {}; }
};

class FoldingAccounts : public ::testing::Test {
 protected:
  Position happens(Happening happening) {
    const Position at = history_.happens(std::move(happening));
    const auto& event = history_.events(at.partition).back();
    if (event.topic == schema::Topic::accounts) accounts_.apply(event.envelope, event.event);
    return at;
  }
  std::optional<bool> reached(Position position) {
    std::optional<bool> told;
    accounts_.when_reached({position}, std::chrono::steady_clock::now() + 1h,
                           [&](bool is) { told = is; });
    return told;
  }

  History history_;
  Accountant accounts_;
  const schema::KeyId key_ = id<schema::KeyId>(1);
};

TEST_F(FoldingAccounts, KnowsKeysFromTheirMakingToTheirEnd) {
  EXPECT_EQ(accounts_.key(key_), nullptr);
  happens(key_created(1, "Gate 1"));
  ASSERT_NE(accounts_.key(key_), nullptr);
  EXPECT_EQ(accounts_.key(key_)->name, "Gate 1");
  EXPECT_FALSE(accounts_.key(key_)->last_used_at);
  history_.pass(1h);
  const Position used = happens(key_used(1));
  EXPECT_EQ(accounts_.key(key_)->last_used_at, history_.now());
  EXPECT_EQ(accounts_.key(key_)->last_event, used);
  happens(key_deleted(1));
  EXPECT_EQ(accounts_.key(key_), nullptr);
}

TEST_F(FoldingAccounts, ReachesThePositionsOfItsEvents) {
  const Position made = happens(key_created(1));
  EXPECT_EQ(reached(made), true);
  std::optional<bool> told;
  accounts_.when_reached({{made.partition, made.sequence.next()}},
                         std::chrono::steady_clock::now() + 1h, [&](bool is) { told = is; });
  EXPECT_FALSE(told) << "it is still waited for";
  happens(key_used(1));
  EXPECT_EQ(told, true);
}

}  // namespace
}  // namespace boxoffice::projections
