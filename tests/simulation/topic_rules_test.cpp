// The checker of commands and replies can fail: it is shown what must never happen.

#include "tests/simulation/cluster/topic_rules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "commands/post/posted_commands.hpp"
#include "commands/processor/reply.hpp"
#include "tests/simulation/forged_history.hpp"
#include "tests/simulation/violation.hpp"

namespace boxoffice::simulation {
namespace {

using event_log::Broker;
using schema::Position;
using ::testing::HasSubstr;

namespace words = vocabulary;

/// May happen at any time.
const schema::Event kSomething = schema::KeyUseRefused{.refusal = schema::KeyRefusal::too_late};

class TopicIsCheckedTo : public ::testing::Test {
 protected:
  /// A gateway sends it. The first has offset 0, and is replied to as "here.1".
  void send(std::string_view key) {
    gateway_.submit(words::submission(words::occasion(), key, schema::DeleteKey{}, words::noon()));
    rules_.read_commands();
  }
  /// As the command at `offset` of the topic, whose key is said to be that.
  Position decide(std::uint64_t offset, std::string_view key) {
    history_.offset = offset;
    return history_.happens("key", kSomething, key);
  }
  void delete_before(std::uint64_t offset) { commands_.forget_before({0}, offset); }
  void skip(std::int64_t from, std::int64_t through) {
    history_.skips({.log = "cluster/commands",
                    .from = from,
                    .through = through,
                    .end = through + 1,
                    .found = schema::SkipFound::deciding});
  }
  void reply(std::string to, Position told, bool repeated = false, std::string_view suffix = "") {
    const Recorded& event = history_.historian.at(told);
    auto batch = std::make_shared<event_log::Batch>();
    batch->events.push_back({.topic = schema::topic_of(event.event),
                             .envelope = event.envelope,
                             .event = event.event,
                             .value = event.value + std::string(suffix)});
    std::string value;
    processor::write_reply(
        value, processor::Outcome{.batch = batch, .first = 0, .count = 1, .repeated = repeated});
    const event_log::BrokerLane replies{event_log::kBrokerRepliesLane, {0}};
    const auto producer = broker_.fence("producer");
    broker_.add(producer, replies);
    broker_.produce(producer, replies, {.key = std::move(to), .bytes = std::move(value)});
    broker_.end(producer, Broker::End::commit);
  }
  /// What the checker says; nothing where it is content.
  std::string said() {
    try {
      rules_.check(history_.historian, broker_);
    } catch (const Violation& violation) {
      return violation.what();
    }
    return "";
  }

  event_log::MemoryCommands commands_{1, "cluster/commands"};
  post::PostedCommands gateway_{{.gateway = "here", .deployment = "memory000000"}, commands_};
  ForgedHistory history_;
  Broker broker_{1};
  TopicRules rules_{commands_, 1};
};

TEST_F(TopicIsCheckedTo, GiveEachCommandAnOutcomeAndAReply) {
  send("a");
  send("b");
  reply("here.1", decide(0, "a"));
  EXPECT_THAT(said(), HasSubstr("has no outcome"));
  const Position last = decide(1, "b");
  EXPECT_THAT(said(), HasSubstr("0:2: a decision has no reply"));
  reply("here.2", last);
  EXPECT_EQ(said(), "");
  reply("here.2", last, /*repeated=*/true);
  EXPECT_EQ(said(), "") << "it came again";
  reply("here.2", last);
  EXPECT_THAT(said(), HasSubstr("one decision has two replies"));
}

TEST_F(TopicIsCheckedTo, LetNobodyWaitForWhatWasSkipped) {
  send("gone");
  delete_before(1);
  EXPECT_THAT(said(), HasSubstr("has no outcome")) << "nobody says that it was skipped";
  skip(0, 0);
  EXPECT_EQ(said(), "");
  skip(0, 0);
  EXPECT_THAT(said(), HasSubstr("0:2: commands were skipped that had been decided, or skipped"));
}

TEST_F(TopicIsCheckedTo, ReplyToEachRecordOrSayThatItWasDeleted) {
  send("a");
  send("a");
  delete_before(1);
  reply("here.2", decide(1, "a"));
  EXPECT_THAT(said(), HasSubstr("nobody replied to here.1, and nobody says"))
      << "though its command has an outcome";
}

TEST_F(TopicIsCheckedTo, SkipWhatWasDeletedAlone) {
  send("there");
  skip(0, 0);
  EXPECT_THAT(said(), HasSubstr("0:1: commands were skipped that were not deleted"));
}

TEST_F(TopicIsCheckedTo, SkipNothingThatWasDecided) {
  send("a");
  send("gone");
  reply("here.1", decide(0, "a"));
  delete_before(2);
  skip(0, 1);
  EXPECT_THAT(said(), HasSubstr("0:2: commands were skipped that had been decided"));
}

TEST_F(TopicIsCheckedTo, DecideNothingThatWasSkipped) {
  send("a");
  delete_before(1);
  skip(0, 0);
  decide(0, "a");
  EXPECT_THAT(said(), HasSubstr("decided twice"));
}

TEST_F(TopicIsCheckedTo, BeDecidedInItsOrder) {
  send("a");
  send("b");
  decide(1, "b");
  decide(0, "a");
  EXPECT_THAT(said(), HasSubstr("0:2: a command was decided that stands before"));
}

TEST_F(TopicIsCheckedTo, DecideEachRecordOnce) {
  send("a");
  send("b");
  decide(0, "a");
  history_.offset.reset();
  history_.times_out("key", kSomething, {{0}, {1}});
  decide(0, "a");
  EXPECT_THAT(said(), HasSubstr("0:3: a record of the topic was decided twice"));
}

TEST_F(TopicIsCheckedTo, BeWhereEventsSayThatTheyComeFrom) {
  send("a");
  decide(1, "a");
  EXPECT_THAT(said(), HasSubstr("from a record that nobody sent"));
}

TEST_F(TopicIsCheckedTo, BeTheTopicThatEventsName) {
  send("a");
  history_.command_log = "elsewhere/commands";
  decide(0, "a");
  EXPECT_THAT(said(), HasSubstr("from a record that nobody sent"));
}

TEST_F(TopicIsCheckedTo, HoldTheCommandThatEventsName) {
  send("a");
  decide(0, "b");
  EXPECT_THAT(said(), HasSubstr("another record than it says"));
}

TEST_F(TopicIsCheckedTo, LeadToEventsThatSaySo) {
  history_.happens("key", kSomething);
  EXPECT_THAT(said(), HasSubstr("came from a topic, or not"));
}

TEST_F(TopicIsCheckedTo, HaveRepliesThatSayWhatHistorySays) {
  send("a");
  reply("here.1", decide(0, "a"), false, " ");
  EXPECT_THAT(said(), HasSubstr("otherwise than history"));
}

TEST_F(TopicIsCheckedTo, HaveRepliesOfWhatHappened) {
  send("a");
  history_.offset.reset();
  reply("here.1", history_.times_out("key", kSomething, {{0}, {1}}));
  delete_before(1);
  skip(0, 0);
  EXPECT_THAT(said(), HasSubstr("tells of what never happened"));
}

TEST_F(TopicIsCheckedTo, BeRepliedToWhoAsked) {
  send("a");
  send("b");
  send("a");
  const Position decided = decide(0, "a");
  delete_before(3);
  skip(1, 2);
  reply("here.1", decided);
  reply("here.3", decided, /*repeated=*/true);
  EXPECT_EQ(said(), "");
  reply("here.2", decided, /*repeated=*/true);
  EXPECT_THAT(said(), HasSubstr("somebody who asked for something else"));
}

TEST_F(TopicIsCheckedTo, BeRepliedToWhoAskedFirst) {
  send("a");
  send("a");
  reply("here.2", decide(0, "a"));
  EXPECT_THAT(said(), HasSubstr("another than who asked first"));
}

}  // namespace
}  // namespace boxoffice::simulation
