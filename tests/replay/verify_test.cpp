// A good history is found good; what was done to its bytes and its order is found, where it is.

#include "tests/replay/verifying.hpp"

namespace boxoffice::replay {
namespace {

using namespace std::chrono_literals;
using schema::ClaimRefusal;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_F(Verify, FindsNothingInAnEmptyLog) {
  const Report report = report_on(Records(kPartitions));
  EXPECT_TRUE(report.is_clean());
  EXPECT_EQ(report.counts.events, 0u);
}

TEST_F(Verify, FindsNothingInAGoodHistoryAndCountsIt) {
  a_good_story();
  EXPECT_THAT(found(), IsEmpty());
  const Report report = report_on(story.history.records());
  EXPECT_EQ(report.counts.partitions, 1u);
  EXPECT_EQ(report.counts.events, 24u);
  EXPECT_EQ(report.counts.commands, 23u);
  EXPECT_EQ(report.counts.refusals, 9u);
  EXPECT_EQ(report.counts.occasions, 1u);
  EXPECT_EQ(report.counts.held, 0u);
  EXPECT_EQ(report.counts.issued, 1u);
}

TEST_F(Verify, GivesTheSameReportWithAnyNumberOfThreads) {
  story.opened(50'000);  // enough for the books to be large
  for (std::uint32_t i = 1; i <= 30'000; ++i) story.claimed(i, i == 3'000 ? 1 : i);
  replace(4'000, "\"number\":", "\"number\": ");
  const std::vector<std::string> expected = found({.threads = 1});
  EXPECT_THAT(expected, ElementsAre("3002 one_holder", "4000 canonical", "4001 chain"));
  for (const unsigned threads : {2u, 3u, 8u}) EXPECT_EQ(found({.threads = threads}), expected);
}

TEST_F(Verify, FindsEachAlteredByte) {
  a_good_story();
  const std::size_t bytes = record(5).value.size();
  for (std::size_t i = 0; i < bytes; ++i) {
    char& byte = record(5).value[i];
    const char was = byte;
    byte = static_cast<char>(byte ^ 0x01);
    const std::vector<std::string> what = found();
    EXPECT_THAT(what, Contains("6 chain")) << "byte " << i;
    byte = was;
  }
  EXPECT_THAT(found(), IsEmpty());
}

TEST_F(Verify, FindsBytesThatMeanTheSameButAreNotCanonical) {
  a_good_story();
  replace(5, "\"refusal\":", "\"refusal\": ");
  EXPECT_THAT(found(), Contains("5 canonical"));
}

TEST_F(Verify, FindsTheLastEventAlteredWhereItIsNotCanonical) {
  a_good_story();
  records().back().value.insert(1, " ");
  EXPECT_THAT(found(), ElementsAre("24 canonical"));
}

TEST_F(Verify, FindsAMissingEvent) {
  a_good_story();
  records().erase(records().begin() + 5);  // the refusal of sold_out
  EXPECT_THAT(found(), ElementsAre("7 sequence", "7 chain"));
}

TEST_F(Verify, FindsADoubledEvent) {
  a_good_story();
  records().insert(records().begin() + 6, records()[5]);
  EXPECT_THAT(found(), ElementsAre("6 sequence", "6 chain", "6 decided_once"));
}

TEST_F(Verify, FindsExchangedEvents) {
  a_good_story();
  std::swap(records()[4].value, records()[5].value);
  EXPECT_THAT(found(), ElementsAre("5 sequence", "5 chain", "6 sequence", "6 chain", "7 chain"));
}

TEST_F(Verify, FindsABrokenChain) {
  a_good_story();
  const schema::Digest wrong = sealing::sha256("another");
  const schema::Digest right = sealing::sha256(record(23).value);
  replace(24, schema::to_text(right), schema::to_text(wrong));
  EXPECT_THAT(found(), ElementsAre("24 chain"));
}

TEST_F(Verify, FindsAFirstEventThatNamesOneBeforeIt) {
  a_good_story();
  records().pop_front();
  EXPECT_THAT(found(), Contains("2 chain"));
}

TEST_F(Verify, FindsTimeThatGoesBack) {
  a_good_story();
  story.now -= 1ms;
  const auto where = story.refused(9, ClaimRefusal::cancelled);
  EXPECT_THAT(found(), ElementsAre(at(where, "time")));
}

TEST_F(Verify, FindsEventsInAnothersPlace) {
  a_good_story();
  records().back().topic = schema::Topic::scans;
  EXPECT_THAT(found(), ElementsAre("24 place"));
}

TEST_F(Verify, FindsAnEventOfAnotherDeployment) {
  a_good_story();
  replace(24, kDeployment, "other0000000");
  EXPECT_THAT(found(), ElementsAre("24 place"));
}

TEST_F(Verify, FindsACommandDecidedTwice) {
  a_good_story();
  const auto where =
      story.tell(schema::ReleaseRefused{.claim = an_id<schema::ClaimId>(9),
                                        .refusal = schema::ReleaseRefusal::claim_ended},
                 command(4));
  EXPECT_THAT(found(), ElementsAre(at(where, "decided_once")));
}

TEST_F(Verify, FindsACommandDecidedTwiceInARow) {
  a_good_story();
  const auto refusal = schema::ReleaseRefused{.claim = an_id<schema::ClaimId>(9),
                                              .refusal = schema::ReleaseRefusal::claim_ended};
  story.tell(refusal, command(500));
  const auto where = story.tell(refusal, command(500));
  EXPECT_THAT(found(), ElementsAre(at(where, "decided_once")));
}

TEST_F(Verify, AllowsACommandAgainAfterItCameTooLateOrItsWindow) {
  a_good_story();
  const auto refusal = [](schema::ReleaseRefusal why) {
    return schema::ReleaseRefused{.claim = an_id<schema::ClaimId>(9), .refusal = why};
  };
  story.tell(refusal(schema::ReleaseRefusal::too_late), command(500));
  story.tell(refusal(schema::ReleaseRefusal::too_late), command(500));
  story.tell(refusal(schema::ReleaseRefusal::claim_ended), command(500));
  story.now += 24h;
  story.tell(refusal(schema::ReleaseRefusal::claim_ended), command(500));
  EXPECT_THAT(found(), IsEmpty());

  story.now += 24h - 1ms;
  const auto where = story.tell(refusal(schema::ReleaseRefusal::too_late), command(500));
  EXPECT_THAT(found(), ElementsAre(at(where, "decided_once")));
  EXPECT_THAT(found({.key_window = 1h}), IsEmpty());
}

TEST_F(Verify, RemembersManyCommandsOverManyDays) {
  story.opened(1);
  story.claimed(1, 1);
  for (std::uint32_t i = 0; i < 6'000; ++i) {
    story.now += 1min;
    story.tell(schema::ReleaseRefused{.claim = an_id<schema::ClaimId>(9),
                                      .refusal = schema::ReleaseRefusal::claim_ended});
  }
  const auto where =
      story.tell(schema::ReleaseRefused{.claim = an_id<schema::ClaimId>(9),
                                        .refusal = schema::ReleaseRefusal::claim_ended},
                 command(story.next_command() - 1'400));
  EXPECT_THAT(found(), ElementsAre(at(where, "decided_once")));
}

}  // namespace
}  // namespace boxoffice::replay
