// The last use of a key: recorded, and at most once an hour.
#include <gtest/gtest.h>

#include "gateway/auth/authenticator.hpp"
#include "projections/desk/local_desk.hpp"
#include "tests/gateway/stage.hpp"

namespace boxoffice::gateway_test {
namespace {

using namespace gateway;

class KeyUse : public testing::Test {
 protected:
  KeyUse() {
    event_log::CommittedEvent made{
        .envelope = {.position = {{0}, {1}}, .subject = to_text(id_)},
        .event = schema::KeyCreated{
            .name = "Gate 1", .role = schema::Role::gate, .hash = sealing::Vault::key_hash(text_)}};
    queries_.apply(made);
  }

  void use_at(Authenticator& gateway, std::chrono::milliseconds after) {
    now_ = kNoon + after;
    ASSERT_TRUE(gateway.sign_in("Bearer " + text_));
  }
  void recorded(std::chrono::milliseconds after) {
    queries_.apply(
        {.envelope = {.position = {{0}, {2}}, .subject = to_text(id_), .time = kNoon + after},
         .event = schema::KeyUsed{}});
  }

  static constexpr schema::Instant kNoon{std::chrono::sys_days{std::chrono::year{2030} / 1 / 1} +
                                         12h};
  const sealing::Vault vault_{sealing::Roots{}};
  const schema::KeyId id_ = schema::KeyId::from(sealing::sha256("a key").bytes);
  const std::string text_ = vault_.key_text(id_);
  schema::Instant now_ = kNoon;
  FakeQueries queries_;
  std::vector<processor::Submission> submitted_;
  bool inbox_full_ = false;
  const Settings settings_;
  projections::LocalDesk desk_{queries_};
  const Services services_{.desk = desk_,
                           .accounts = queries_,
                           .vault = vault_,
                           .submit =
                               [this](processor::Submission&& submission) {
                                 if (inbox_full_) return false;
                                 submitted_.push_back(std::move(submission));
                                 return true;
                               },
                           .clock = [this] { return now_; }};
  Authenticator gateway_{settings_, services_};
};

TEST_F(KeyUse, IsRecordedOnceAnHour) {
  use_at(gateway_, 0min);
  ASSERT_EQ(submitted_.size(), 1U);
  EXPECT_TRUE(std::holds_alternative<schema::RecordKeyUse>(submitted_[0].command));
  EXPECT_EQ(submitted_[0].subject, id_.as<domain::SubjectTag>());
  EXPECT_EQ(submitted_[0].actor, to_text(id_));
  for (const auto after : {1min, 30min, 59min}) use_at(gateway_, after);
  EXPECT_EQ(submitted_.size(), 1U);
  use_at(gateway_, 1h);
  ASSERT_EQ(submitted_.size(), 2U);
  EXPECT_NE(submitted_[0].identity, submitted_[1].identity);
}

TEST_F(KeyUse, IsNotRecordedAgainByAGatewayThatReadsOfIt) {
  recorded(0min);
  use_at(gateway_, 59min);
  EXPECT_TRUE(submitted_.empty());
  use_at(gateway_, 1h);
  EXPECT_EQ(submitted_.size(), 1U);
}

TEST_F(KeyUse, IsTheSameCommandAtTwoGatewaysInOneHour) {
  Authenticator another{settings_, services_};
  use_at(gateway_, 1min);
  use_at(another, 58min);
  ASSERT_EQ(submitted_.size(), 2U);
  EXPECT_EQ(submitted_[0].identity, submitted_[1].identity);
}

TEST_F(KeyUse, IsTriedAgainAtTheNextOneWhereTheInboxWasFull) {
  inbox_full_ = true;
  use_at(gateway_, 0min);
  inbox_full_ = false;
  use_at(gateway_, 1min);
  EXPECT_EQ(submitted_.size(), 1U);
  use_at(gateway_, 2min);
  EXPECT_EQ(submitted_.size(), 1U);
}

TEST_F(KeyUse, IsTriedAgainAtTheNextOneWhereItWasNotDecided) {
  use_at(gateway_, 0min);
  submitted_[0].respond(processor::Unavailable{"the disk is full"});
  use_at(gateway_, 1min);
  ASSERT_EQ(submitted_.size(), 2U);
  submitted_[1].respond(processor::Outcome{});
  use_at(gateway_, 2min);
  EXPECT_EQ(submitted_.size(), 2U);
}

TEST_F(KeyUse, IsNotRecordedOfAWrongKey) {
  EXPECT_FALSE(gateway_.sign_in("Bearer " + text_.substr(0, text_.size() - 2)));
  EXPECT_TRUE(submitted_.empty());
}

}  // namespace
}  // namespace boxoffice::gateway_test
