// A good history is found good; and whatever is planted in it is found, where it is.

#include "replay-tools/verify/verify.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/replay/story.hpp"

namespace boxoffice::replay {
namespace {

using namespace std::chrono_literals;
using schema::ClaimRefusal;
using schema::ClaimRule;
using schema::ExpiredTicket;
using schema::OccasionState;
using schema::OccasionStep;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

Report report_on(const Records& records, const VerifySettings& settings = {}) {
  const auto log = log_of(records);
  auto report = verify(*log, settings);
  EXPECT_TRUE(report) << report.error().message;
  return report ? std::move(*report) : Report{};
}

/// `sequence rule`, for the one partition that a story lives in.
std::vector<std::string> violations(const Records& records, const VerifySettings& settings = {}) {
  std::vector<std::string> found;
  for (const Violation& violation : report_on(records, settings).violations) {
    EXPECT_FALSE(violation.sentence.empty());
    found.push_back(std::to_string(violation.position.sequence.value) + " " +
                    std::string(violation.rule));
  }
  return found;
}

std::string at(schema::Position position, std::string_view rule) {
  return std::to_string(position.sequence.value) + " " + std::string(rule);
}

/// Everything that may happen, each once.
class Verify : public ::testing::Test {
 protected:
  void a_good_story() {
    story.opened(2);
    const auto first = story.claimed(1, 1);
    const auto second = story.claimed(2, 2);
    story.refused(1, ClaimRefusal::already_claimed, ClaimRule::one_per_email,
                  first.event.expires_at);
    story.refused(3, ClaimRefusal::sold_out, std::nullopt, first.event.expires_at);
    story.now += 1min;
    story.confirmed(second);
    story.confirmed(second, true);
    story.refused(2, ClaimRefusal::already_claimed, ClaimRule::one_per_email);
    story.now += 4min;
    story.expired(first);
    const auto third = story.claimed(3, 1);
    story.released(third, schema::LiveClaim::held);
    const auto fourth = story.claimed(1, 1);
    story.confirmed(fourth);
    story.released(fourth, schema::LiveClaim::confirmed);
    story.tell(schema::ReleaseRefused{.claim = fourth.event.claim,
                                      .refusal = schema::ReleaseRefusal::claim_ended});
    story.tell(schema::ConfirmationRefused{.claim = fourth.event.claim,
                                           .refusal = schema::ConfirmationRefusal::claim_ended});
    story.changed(Story::details(1));
    story.refused(5, ClaimRefusal::sold_out);
    story.refused(5, ClaimRefusal::too_late);
    story.stepped(Story::details(1), OccasionStep::close, OccasionState::closed);
    story.refused(5, ClaimRefusal::closed);
    story.stepped(Story::details(1), OccasionStep::cancel, OccasionState::cancelled);
    story.refused(5, ClaimRefusal::cancelled);
  }
  std::vector<std::string> found(const VerifySettings& settings = {}) {
    return violations(story.history.records(), settings);
  }
  schema::Partition partition() const {
    return schema::partition_of(schema::to_text(story.id), kPartitions);
  }
  std::deque<Record>& records() { return story.history.records()[partition().value]; }
  Record& record(std::uint64_t sequence) {
    return story.history.at({partition(), schema::Sequence{sequence}});
  }
  void replace(std::uint64_t sequence, std::string_view what, std::string_view with) {
    std::string& value = record(sequence).value;
    const std::size_t where = value.find(what);
    ASSERT_NE(where, std::string::npos) << value;
    value.replace(where, what.size(), with);
  }

  Story story;
};

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
  story.opened(10'000);
  for (std::uint32_t i = 1; i <= 5'000; ++i) story.claimed(i, i == 3'000 ? 1 : i);
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

TEST_F(Verify, FindsATicketHeldByTwo) {
  story.opened(5);
  story.claimed(1, 1);
  const auto where = story.claimed(2, 1).position;
  EXPECT_THAT(found(), ElementsAre(at(where, "one_holder")));
}

TEST_F(Verify, FindsATicketGivenOutWhileItsClaimIsDueButNotSettled) {
  story.opened(5);
  story.claimed(1, 1);
  story.now += 10min;
  const auto where = story.claimed(2, 1).position;
  EXPECT_THAT(found(), ElementsAre(at(where, "one_holder")));
}

TEST_F(Verify, FindsABurnedTicketGivenOut) {
  auto details = Story::details(5);
  details.claims->on_expiry = schema::OnExpiry::burn;
  story.opened(details);
  const auto first = story.claimed(1, 1);
  story.now += 5min;
  story.expired(first, ExpiredTicket::burned);
  const auto where = story.claimed(2, 1).position;
  EXPECT_THAT(found(), ElementsAre(at(where, "one_holder")));
}

TEST_F(Verify, FindsASecondLiveClaimOfAPersonOrAnIp) {
  story.opened(5);
  story.claimed(1, 1);
  auto same_person = story.a_claim(1, 2);
  same_person.ip = an_id<schema::IpId>(99);
  const auto person = story.tell(same_person);
  auto same_ip = story.a_claim(3, 3);
  same_ip.ip = an_id<schema::IpId>(99);
  const auto ip = story.tell(same_ip);
  EXPECT_THAT(found(), ElementsAre(at(person, "one_live_claim"), at(ip, "one_live_claim")));
}

TEST_F(Verify, AllowsSeveralLiveClaimsWhereThePolicyDoes) {
  auto details = Story::details(5);
  details.claims->one_per_email = false;
  details.claims->one_per_ip = false;
  story.opened(details);
  for (std::uint32_t number = 1; number <= 5; ++number) story.claimed(1, number);
  EXPECT_THAT(found(), IsEmpty());
}

TEST_F(Verify, AllowsAClaimBesideOneThatIsDueButNotSettled) {
  story.opened(5);
  const auto first = story.claimed(1, 1);
  story.now += 5min;
  story.claimed(1, 2);
  story.expired(first);
  EXPECT_THAT(found(), IsEmpty());
}

TEST_F(Verify, FindsMoreTicketsGivenOutThanThereAre) {
  story.opened(1);
  story.claimed(1, 1);
  const auto where = story.claimed(2, 2).position;
  EXPECT_THAT(found(), ElementsAre(at(where, "counts"), at(where, "counts")));
}

TEST_F(Verify, FindsAPoolShrunkBelowWhatIsCommitted) {
  story.opened(5);
  story.claimed(1, 1);
  story.claimed(2, 2);
  const auto where = story.changed(Story::details(1));
  EXPECT_THAT(found(), ElementsAre(at(where, "counts")));
}

TEST_F(Verify, FindsAnExpiryBeforeItsTime) {
  story.opened(5);
  const auto claim = story.claimed(1, 1);
  story.now += 5min - 1ms;
  const auto where = story.expired(claim);
  EXPECT_THAT(found(), ElementsAre(at(where, "expiry")));
}

TEST_F(Verify, FindsAnExpiryThatThePolicyDoesNotHave) {
  story.opened(5);
  const auto claim = story.claimed(1, 1);
  story.now += 5min;
  const auto where = story.expired(claim, ExpiredTicket::burned);
  EXPECT_THAT(found(), ElementsAre(at(where, "expiry")));
}

TEST_F(Verify, FindsAnExpiryThatAnotherEventArmed) {
  story.opened(5);
  const auto claim = story.claimed(1, 1);
  const auto other = story.claimed(2, 2);
  story.now += 5min;
  const auto where = story.expired({claim.event, other.position});
  EXPECT_THAT(found(), ElementsAre(at(where, "cause")));
}

TEST_F(Verify, FindsAClaimWhoseTimeIsNotThePolicys) {
  story.opened(5);
  auto claim = story.a_claim(1, 1);
  claim.expires_at += 1ms;
  const auto where = story.tell(claim);
  EXPECT_THAT(found(), ElementsAre(at(where, "expiry")));
}

TEST_F(Verify, FindsAConfirmationThatCameTooLate) {
  story.opened(5);
  const auto claim = story.claimed(1, 1);
  story.now += 5min;
  const auto where = story.confirmed(claim);
  EXPECT_THAT(found(), ElementsAre(at(where, "expiry")));
}

TEST_F(Verify, FindsWhatHappensToAClaimThatIsNotThere) {
  story.opened(5);
  const auto claim = story.claimed(1, 1);
  story.released(claim, schema::LiveClaim::held);
  const auto released = story.released(claim, schema::LiveClaim::held);
  const auto confirmed = story.confirmed(claim);
  EXPECT_THAT(found(), ElementsAre(at(released, "claim"), at(confirmed, "claim")));
}

TEST_F(Verify, FindsClaimsOfAnOccasionThatIsNotOpen) {
  story.opened(5);
  story.stepped(Story::details(5), OccasionStep::close, OccasionState::closed);
  const auto where = story.claimed(1, 1).position;
  EXPECT_THAT(found(), ElementsAre(at(where, "claim")));
}

TEST_F(Verify, FindsSoldOutWhileATicketIsFree) {
  story.opened(2);
  story.claimed(1, 1);
  const auto where = story.refused(2, ClaimRefusal::sold_out, std::nullopt, story.now + 5min);
  EXPECT_THAT(found(), ElementsAre(at(where, "refusal")));
}

TEST_F(Verify, FindsSoldOutWhileATicketIsDue) {
  story.opened(1);
  const auto claim = story.claimed(1, 1);
  story.now += 5min;
  const auto where = story.refused(2, ClaimRefusal::sold_out, std::nullopt, claim.event.expires_at);
  EXPECT_THAT(found(), ElementsAre(at(where, "refusal")));
}

TEST_F(Verify, AllowsSoldOutWhileATicketIsDueToBeBurned) {
  auto details = Story::details(1);
  details.claims->on_expiry = schema::OnExpiry::burn;
  story.opened(details);
  story.claimed(1, 1);
  story.now += 5min;
  story.refused(2, ClaimRefusal::sold_out);
  EXPECT_THAT(found(), IsEmpty());
}

TEST_F(Verify, FindsRefusalsWhoseReasonWasNotTrue) {
  story.opened(5);
  const auto claim = story.claimed(1, 1);
  std::vector<std::string> expected;
  for (const ClaimRefusal refusal :
       {ClaimRefusal::unknown_occasion, ClaimRefusal::not_open, ClaimRefusal::closed,
        ClaimRefusal::cancelled, ClaimRefusal::claims_off, ClaimRefusal::already_claimed,
        ClaimRefusal::sold_out})
    expected.push_back(at(story.refused(2, refusal), "refusal"));
  expected.push_back(at(story.refused(1, ClaimRefusal::already_claimed, ClaimRule::one_per_email,
                                      claim.event.expires_at + 1ms),
                        "refusal"));
  expected.push_back(
      at(story.tell(schema::ConfirmationRefused{
             .claim = claim.event.claim, .refusal = schema::ConfirmationRefusal::claim_ended}),
         "refusal"));
  expected.push_back(
      at(story.tell(schema::OccasionStepRefused{
             .step = OccasionStep::close, .refusal = schema::OccasionRefusal::already_closed}),
         "refusal"));
  EXPECT_EQ(found(), expected);
}

TEST_F(Verify, FindsStepsThatAreNone) {
  story.opened(5);
  const auto again = story.stepped(Story::details(5), OccasionStep::open, OccasionState::open);
  const auto details = story.stepped(Story::details(6), OccasionStep::close, OccasionState::closed);
  const auto state = story.stepped(Story::details(6), OccasionStep::cancel, OccasionState::draft);
  EXPECT_THAT(found(),
              ElementsAre(at(again, "occasion"), at(details, "occasion"), at(state, "occasion")));
}

TEST_F(Verify, FindsAGrantedChangeOfAnotherVersion) {
  story.opened(5);
  auto change = schema::OccasionChanged{.change = {.pools = Story::details(6).pools},
                                        .if_match = schema::Sequence{2},
                                        .details = Story::details(6),
                                        .state = OccasionState::open};
  story.tell(change);
  const auto where = story.tell(change);
  EXPECT_THAT(found(), ElementsAre(at(where, "occasion")));
}

TEST_F(Verify, FindsUseOfAKeyThatIsNotThere) {
  const std::string key = schema::to_text(an_id<schema::KeyId>(7));
  History history;
  const auto tell = [&](std::uint32_t number, schema::Event event) {
    return history.add({.subject = key, .event = std::move(event), .causation = command(number)});
  };
  tell(1, schema::KeyCreated{.name = "Gate 1", .role = schema::Role::gate});
  tell(2, schema::KeyUsed{});
  const auto false_refusal =
      tell(3, schema::KeyUseRefused{.refusal = schema::KeyRefusal::unknown_key});
  tell(4, schema::KeyDeleted{});
  const auto used = tell(5, schema::KeyUsed{});
  const auto deleted = tell(6, schema::KeyDeleted{});
  tell(7, schema::KeyDeletionRefused{.refusal = schema::KeyRefusal::unknown_key});
  EXPECT_THAT(violations(history.records()),
              ElementsAre(at(false_refusal, "refusal"), at(used, "key"), at(deleted, "key")));
}

TEST_F(Verify, FindsAnEventInAnothersPartition) {
  a_good_story();
  const auto other = static_cast<std::uint16_t>((partition().value + 1) % kPartitions);
  std::swap(records(), story.history.records()[other]);
  story.history.chain_again(schema::Partition{other});
  const Report report = report_on(story.history.records());
  EXPECT_EQ(report.violations.front().rule, rule::kPlace);
  EXPECT_EQ(report.violations.front().position.partition.value, other);
}

TEST_F(Verify, KeepsCountingWhenTooMuchIsWrongToKeep) {
  story.opened(5);
  for (std::uint32_t i = 0; i < 1'500; ++i) story.refused(2, ClaimRefusal::sold_out);
  const Report report = report_on(story.history.records());
  EXPECT_EQ(report.violations_found, 1'500u);
  EXPECT_EQ(report.violations.size(), Report::kViolationsKept);
}

}  // namespace
}  // namespace boxoffice::replay
