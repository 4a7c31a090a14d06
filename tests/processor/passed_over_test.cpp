// What stands on the topic of commands and is none that can be decided.

#include "tests/processor/topic.hpp"

namespace boxoffice::processor {
namespace {

TEST_F(Topic, PassesOverWhatIsNoCommand) {
  open_occasion(10);
  event_log::CommandPost::Sent nobody = [](std::optional<std::string>) {};
  commands_->send(kPartition, "k", R"({"specversion":"1.0"})", nobody);
  commands_->send(kPartition, "k", "-", nobody);
  const Asked asked = ask_claim("mine");
  step();
  EXPECT_TRUE(asked->has_value());
  ASSERT_EQ(passed_over_.size(), 2u);
  EXPECT_THAT(passed_over_[0], testing::StartsWith("2-3 /id"));
}

TEST_F(Topic, PassesOverWithoutAWordWhatAGatewayHasTriedToWrite) {
  open_occasion(10);
  event_log::CommandPost::Sent nobody = [](std::optional<std::string>) {};
  commands_->send(kPartition, "", "", nobody);
  const Asked asked = ask_claim("mine");
  step();
  EXPECT_TRUE(asked->has_value());
  EXPECT_THAT(passed_over_, testing::IsEmpty());
}

/// The log would end the program, and whoever takes over next would be ended by the same command.
TEST_F(Topic, PassesOverAWrappedKeyThatTheLogDoesNotTake) {
  open_occasion(10);
  const auto many = [](std::string_view text, int times) {
    std::string all;
    while (times-- > 0) all += text;
    return all;
  };
  const std::vector<Submission::AttachedKey> wrong{
      {"service", "mine"},  // what the log says of itself
      {"x", "k"},
      {"/x", "k"},
      {"person/", "k"},
      {"place/x", "k"},
      {"person/x y", "k"},
      {"person/" + many("é", 248), "k"},  // few enough characters
      {"person/x", many("é", 4096)},
  };
  for (std::size_t i = 0; i < wrong.size(); ++i) {
    const std::string name = "wrong" + std::to_string(i);
    Submission submission = vocabulary::submission(occasion(), name, claim(name, name), now_);
    submission.key = wrong[i];
    submission.respond = [](Answer) { ADD_FAILURE() << "nobody decides that"; };
    EXPECT_TRUE(here_.submit(std::move(submission)));
  }
  Submission right = vocabulary::submission(occasion(), "right", claim("right", "me"), now_);
  right.key = {"person/AAAAAAAAAAAAAAAAAAAAAA/aZ-_0123456", many("k", 4096)};
  right.respond = [](Answer) {};
  here_.submit(std::move(right));
  const std::uint64_t before = end();
  step();
  EXPECT_EQ(end(), before + 1);
  EXPECT_EQ(passed_over_.size(), wrong.size());
  for (const std::string& why : passed_over_) EXPECT_THAT(why, testing::HasSubstr(" /key"));
  EXPECT_EQ(**log_->key(kPartition, "person/AAAAAAAAAAAAAAAAAAAAAA/aZ-_0123456"), many("k", 4096));
  for (const Submission::AttachedKey& key : wrong)
    EXPECT_EQ(*log_->key(kPartition, key.name), std::nullopt);
}

/// As a tool that shares keys out in another way.
class Misplacing final : public event_log::CommandPost {
 public:
  Misplacing(event_log::CommandPost& post, schema::Partition into) : post_(post), into_(into) {}
  bool send(schema::Partition, std::string_view key, std::string_view value, Sent& sent) override {
    return post_.send(into_, key, value, sent);
  }

 private:
  event_log::CommandPost& post_;
  const schema::Partition into_;
};

TEST_F(Topic, PassesOverWhatBelongsToAnotherPartition) {
  open_occasion(10);
  Misplacing misplacing(*commands_, kPartition);
  post::PostedCommands tool(gateway("tool"), misplacing);
  std::string word = "gala";
  while (schema::partition_of(schema::to_text(occasion(word)), kPartitions) == kPartition)
    word += "!";
  tool.submit(vocabulary::submission(occasion(word), "astray", open(), now_));
  const std::uint64_t before = end();
  const Asked asked = ask_claim("mine");
  step();
  EXPECT_TRUE(asked->has_value()) << "the partition goes on";
  EXPECT_EQ(end(), before + 1);
  EXPECT_THAT(passed_over_, testing::ElementsAre(testing::StartsWith("2-3 /subject: belongs to")));
}

}  // namespace
}  // namespace boxoffice::processor
