// Showing gives exactly the stored values; explaining says how an event came to be.

#include "replay-tools/show.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "replay-tools/explain.hpp"
#include "tests/replay/story.hpp"

namespace boxoffice::replay {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class Shown : public ::testing::Test {
 protected:
  Shown() {
    story.opened(5);
    first = story.claimed(1, 1);
    story.now += 1min;
    second = story.claimed(2, 2);
    story.confirmed(second);
    story.now += 4min;
    expired = story.expired(first);
    key = story.history.add(
        {.subject = schema::to_text(an_id<schema::KeyId>(3)),
         .event =
             schema::KeyCreated{.name = "Gate", .role = schema::Role::gate, .occasion = story.id},
         .time = story.now,
         .causation = command(77),
         .actor = schema::to_text(an_id<schema::KeyId>(4))});
  }

  std::vector<std::string> values(const Filter& filter) {
    std::vector<std::string> shown;
    const auto done = show(*log(), filter, [&](std::string_view value) {
      shown.emplace_back(value);
      return true;
    });
    EXPECT_TRUE(done);
    return shown;
  }
  /// Type and sequence of what is shown.
  std::vector<std::string> names(const Filter& filter) {
    std::vector<std::string> result;
    for (const std::string& value : values(filter)) {
      const std::size_t type = value.find("\"type\":\"boxoffice.") + 18;
      result.push_back(value.substr(type, value.find('"', type) - type));
    }
    return result;
  }
  std::unique_ptr<event_log::Log> log() { return story.history.log(); }

  Story story;
  Story::Claimed first, second;
  schema::Position expired, key;
};

TEST_F(Shown, IsEveryStoredValueInOrderWithoutAFilter) {
  std::vector<std::string> expected;
  for (const auto& partition : story.history.records())
    for (const Record& record : partition) expected.push_back(record.value);
  EXPECT_EQ(values({}), expected);
}

TEST_F(Shown, IsWhatEachFilterSays) {
  const auto of_partition = values({.partition = expired.partition});
  EXPECT_EQ(of_partition.size(), story.history.records()[expired.partition.value].size());
  EXPECT_EQ(names({.occasion = story.id}).size(), 7u);
  EXPECT_THAT(names({.occasion = an_id<schema::OccasionId>(50)}), IsEmpty());
  EXPECT_THAT(names({.person = first.event.person}), ElementsAre("TicketClaimed", "ClaimExpired"));
  EXPECT_THAT(names({.ticket = second.event.ticket}),
              ElementsAre("TicketClaimed", "ClaimConfirmed"));
  EXPECT_THAT(names({.principal = schema::to_text(an_id<schema::KeyId>(4))}),
              ElementsAre("KeyCreated"));
  EXPECT_THAT(names({.type = "ClaimExpired"}), ElementsAre("ClaimExpired"));
  EXPECT_THAT(names({.type = "boxoffice.ClaimExpired"}), ElementsAre("ClaimExpired"));
  EXPECT_THAT(names({.type = "Claim"}), IsEmpty());
  EXPECT_THAT(names({.from = kNoon + 1min, .to = kNoon + 5min}),
              ElementsAre("TicketClaimed", "ClaimConfirmed"));
}

TEST_F(Shown, IsOnlyWhatAllFiltersSay) {
  EXPECT_THAT(names({.occasion = story.id, .person = first.event.person, .to = kNoon + 1ms}),
              ElementsAre("TicketClaimed"));
}

TEST_F(Shown, EndsWhenNobodyWantsMore) {
  int shown = 0;
  ASSERT_TRUE(show(*log(), {}, [&](std::string_view) { return ++shown < 3; }));
  EXPECT_EQ(shown, 3);
}

TEST_F(Shown, IncludesWhatCannotBeReadUnlessFiltered) {
  story.history.at(expired).value = "altered";
  EXPECT_THAT(values({}), ::testing::Contains("altered"));
  EXPECT_THAT(names({.type = "ClaimExpired"}), IsEmpty());
}

TEST_F(Shown, ExplainsAnEventOfACommand) {
  const auto words = explain(*log(), second.position);
  ASSERT_TRUE(words) << words.error();
  EXPECT_THAT(*words, HasSubstr(schema::event_id(second.position) + " TicketClaimed, decided at "));
  EXPECT_THAT(*words, HasSubstr("Asked for by anonymous"));
  EXPECT_THAT(*words, HasSubstr("Caused by the command "));
  EXPECT_THAT(*words, HasSubstr("the hash it names is that event's"));
  EXPECT_THAT(*words, HasSubstr(story.history.at(second.position).value));
  EXPECT_THAT(*words, Not(HasSubstr("It led to")));
}

TEST_F(Shown, ExplainsATimerAndWhatArmedIt) {
  const auto words = explain(*log(), expired);
  ASSERT_TRUE(words) << words.error();
  EXPECT_THAT(*words, HasSubstr("a timer did it"));
  EXPECT_THAT(*words,
              HasSubstr("Caused by " + schema::event_id(first.position) + " TicketClaimed"));
  const auto cause = explain(*log(), first.position);
  ASSERT_TRUE(cause) << cause.error();
  EXPECT_THAT(*cause, HasSubstr("It led to " + schema::event_id(expired) + " ClaimExpired."));
}

TEST_F(Shown, ExplainsThatTheChainIsBroken) {
  const schema::Position before{expired.partition, {expired.sequence.value - 1}};
  std::string& value = story.history.at(before).value;
  value.replace(value.find("\"repeated\":false"), 16, "\"repeated\":true");
  const auto words = explain(*log(), expired);
  ASSERT_TRUE(words) << words.error();
  EXPECT_THAT(*words, HasSubstr("BUT NAMES ANOTHER HASH"));
}

TEST_F(Shown, ExplainsNothingThatIsNotThere) {
  EXPECT_FALSE(explain(*log(), {expired.partition, schema::Sequence{99}}));
  EXPECT_FALSE(explain(*log(), {schema::Partition{99}, schema::Sequence{1}}));
}

}  // namespace
}  // namespace boxoffice::replay
