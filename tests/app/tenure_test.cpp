#include "app/serve/tenure.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "event-log/about.hpp"
#include "event-log/memory/memory_log.hpp"

namespace boxoffice::app {
namespace {

class TenureTest : public testing::Test {
 protected:
  std::unique_ptr<event_log::Log> open() {
    event_log::Faults faults;
    faults.read_fails = [this] { return unreachable_.load(); };
    faults.append = [this](const event_log::Batch&) {
      return open_outcomes_-- > 0 ? event_log::AppendFate::in_doubt
                                  : event_log::AppendFate::committed;
    };
    faults.settle = [](const event_log::Batch&) { return false; };
    return event_log::open_memory(store_, std::move(faults));
  }
  std::atomic<bool> unreachable_ = false;  // read by the watch as well
  int open_outcomes_ = 0;
  std::shared_ptr<event_log::MemoryStore> store_ = event_log::make_memory_store(2);
};

TEST_F(TenureTest, IsHisWhoCameLast) {
  const auto log = open();
  Tenure first(*log, this_service());
  EXPECT_TRUE(first.holds());
  const auto log_again = open();
  Tenure second(*log_again, this_service());
  EXPECT_TRUE(second.holds());
  EXPECT_THAT(first.holds().error(), testing::HasSubstr("taken over by process"));
  EXPECT_TRUE(first.successor().has_value());
  EXPECT_FALSE(second.successor().has_value());
}

TEST_F(TenureTest, IsLostToAToolThatClaims) {
  const auto log = open();
  Tenure tenure(*log, std::string(kProcessors));
  const auto log_again = open();
  const auto writer = log_again->take_over(std::span(&event_log::kAboutPartition, 1));
  auto batch = std::make_shared<event_log::Batch>();
  batch->keys.push_back(claim_of("`boxoffice log copy`, process 1"));
  ASSERT_TRUE((*writer)->append(batch));
  EXPECT_THAT(tenure.holds().error(), testing::HasSubstr("taken over by `boxoffice log copy`"));
}

TEST_F(TenureTest, IsNotLostWhereNobodyCanTell) {
  const auto log = open();
  Tenure tenure(*log, this_service());
  unreachable_ = true;
  EXPECT_FALSE(tenure.holds());
  EXPECT_TRUE(tenure.trouble().has_value());
  EXPECT_FALSE(tenure.successor().has_value());
  unreachable_ = false;
  EXPECT_TRUE(tenure.holds());
  EXPECT_FALSE(tenure.trouble().has_value());
}

TEST_F(TenureTest, IsClaimedTogetherWithWhatIsToBeThere) {
  const auto log = open();
  const Tenure tenure(*log, this_service(), {{{0}, "roots", "fingerprints"}});
  EXPECT_EQ(*log->key({0}, "roots"), "fingerprints");
}

TEST_F(TenureTest, IsClaimedAgainWhereNobodyKnowsWhetherItWas) {
  const auto log = open();
  open_outcomes_ = 2;
  const Tenure tenure(*log, this_service(), {{{0}, "roots", "fingerprints"}});
  EXPECT_EQ(*log->key({0}, "roots"), "fingerprints");
  open_outcomes_ = 100;
  EXPECT_THROW(Tenure(*open(), this_service()), std::runtime_error) << "not for ever";
}

TEST_F(TenureTest, IsSharedUnderOneName) {
  const auto log = open();
  Tenure first(*log, std::string(kProcessors));
  const schema::Partition partition{0};
  const auto writer = log->take_over(std::span(&partition, 1));
  const auto log_again = open();
  Tenure second(*log_again, std::string(kProcessors));
  EXPECT_TRUE(first.holds());
  EXPECT_TRUE(second.holds());
  auto batch = std::make_shared<event_log::Batch>();
  batch->keys.push_back({partition, "person/x", "wrapped"});
  EXPECT_TRUE((*writer)->append(batch)) << "whoever joins fences nobody";
  Tenure service(*log_again, this_service());
  EXPECT_FALSE(first.holds());
}

TEST_F(TenureTest, FencesNobodyWhereNobodyCanTellWhoseTheLogIs) {
  const auto log = open();
  const Tenure tenure(*log, std::string(kProcessors));
  const schema::Partition partition{0};
  const auto writer = log->take_over(std::span(&partition, 1));
  unreachable_ = true;
  EXPECT_THROW(Tenure(*log, std::string(kProcessors)), std::runtime_error);
  auto batch = std::make_shared<event_log::Batch>();
  batch->keys.push_back({partition, "person/x", "wrapped"});
  EXPECT_TRUE((*writer)->append(batch));
}

TEST_F(TenureTest, FencesTheServiceBefore) {
  const auto log = open();
  const schema::Partition first{0};
  const auto writer = log->take_over(std::span(&first, 1));
  const Tenure tenure(*log, this_service());
  auto batch = std::make_shared<event_log::Batch>();
  batch->keys.push_back({first, "person/x", "wrapped"});
  EXPECT_EQ((*writer)->append(batch).error().kind, event_log::LogErrorKind::fenced);
}

}  // namespace
}  // namespace boxoffice::app
