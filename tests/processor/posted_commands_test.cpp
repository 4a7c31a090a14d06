// What a gateway knows of the commands that it has sent.

#include "tests/processor/topic.hpp"

namespace boxoffice::processor {
namespace {

TEST_F(Topic, SaysThatNobodyKnowsWhereAnAcknowledgementGotLost) {
  open_occasion(10);
  loses_acknowledgements_ = true;
  const Asked asked = ask_claim("mine");
  EXPECT_TRUE(is<Unavailable>(asked));
  loses_acknowledgements_ = false;
  step();  // the reply comes to nobody
  const Asked again = ask_claim("mine");
  step();
  EXPECT_TRUE(outcome_of(again).repeated) << "its key tells";
}

/// A gateway by itself, with a clock of the test's for what it waits.
class Waiting : public Topic {
 protected:
  post::PostedCommands::Settings timed(std::string name) {
    auto settings = gateway(std::move(name));
    settings.now = [this] { return steady_; };
    return settings;
  }

  Asked ask_as_of(post::PostedCommands& gateway, std::string_view key, Instant received) {
    auto asked = std::make_shared<std::optional<Answer>>();
    Submission submission = vocabulary::submission(occasion(), key, claim(key, key), received);
    submission.deadline = received + 10s;
    submission.respond = [asked](Answer answer) { *asked = std::move(answer); };
    EXPECT_TRUE(gateway.submit(std::move(submission)));
    step();
    for (const auto& reply : replies_) gateway.replied(reply.to, reply.value);
    replies_.clear();
    return asked;
  }

  std::chrono::steady_clock::time_point steady_{};
  std::vector<event_log::ReplyRecord> replies_;
  std::shared_ptr<void> all_ = log_->follow([this](const std::shared_ptr<const Batch>& batch) {
    std::ranges::copy(batch->replies, std::back_inserter(replies_));
  });
};

TEST_F(Waiting, IsBoundedAndForgetsThoseWhoseReplyNeverCame) {
  auto settings = timed("small");
  settings.underway_max = 1;
  post::PostedCommands small(std::move(settings), *commands_);
  ask(small, "first", open());
  Submission second = vocabulary::submission(occasion(), "second", open(), now_);
  bool is_dropped = false;
  second.respond = [&](Answer) { is_dropped = true; };
  second.received += 1h;  // a clock that was set tells nothing of how long somebody has waited
  second.deadline += 1h;
  EXPECT_FALSE(small.submit(std::move(second)));
  ASSERT_TRUE(second.respond) << "untouched";
  steady_ += 1min + 11s;
  EXPECT_TRUE(small.submit(std::move(second))) << "the first has had its time";
  EXPECT_EQ(small.underway(), 1u);
  steady_ += 1min + 11s;
  small.forget_overdue();
  EXPECT_EQ(small.underway(), 0u) << "though no other comes";
}

TEST_F(Waiting, IsToldByTheOldestWithoutAReply) {
  post::PostedCommands gateway(timed("here"), *commands_);
  EXPECT_EQ(gateway.unanswered_for(), 0s);
  const auto send = [&](const char* key) {
    Submission submission = vocabulary::submission(occasion(), key, open(), now_);
    submission.respond = [](Answer) {};
    EXPECT_TRUE(gateway.submit(std::move(submission)));
  };
  send("first");
  steady_ += 2s;
  send("second");
  steady_ += 3s;
  EXPECT_EQ(gateway.unanswered_for(), 5s);
  gateway.replied("here.1", "");
  EXPECT_EQ(gateway.unanswered_for(), 3s);
  gateway.replied("here.2", "");
  EXPECT_EQ(gateway.unanswered_for(), 0s);
}

TEST_F(Waiting, MovesNoTimeByItsStamp) {
  open_occasion(10);
  post::PostedCommands ahead(timed("ahead"), *commands_);
  const Asked asked = ask_as_of(ahead, "mine", now_ + 1h);
  EXPECT_EQ(outcome_of(asked).deciding_event().envelope.time, now_);
}

}  // namespace
}  // namespace boxoffice::processor
