// What is written in good order but against the rules is found, where it is.

#include "tests/replay/verifying.hpp"

namespace boxoffice::replay {
namespace {

using namespace std::chrono_literals;
using schema::ClaimRefusal;
using schema::ClaimRule;
using schema::ExpiredTicket;
using schema::OccasionState;
using schema::OccasionStep;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

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

TEST_F(Verify, FindsAnAdoptionThatIsNotOfItsPartitionOrWasAskedFor) {
  const auto adopted = [&](std::string subject, std::string actor) {
    const schema::LogAdopted event{.copy = "a", .from = "embedded", .to = "kafka"};
    return story.history.add(
        {.subject = std::move(subject), .event = event, .actor = std::move(actor)});
  };
  adopted("7", "");
  for (int number = 0; number < kPartitions; ++number) {
    const std::string own = std::to_string(number);
    if (schema::partition_of(own, kPartitions).value == number) adopted(own, "anonymous");
  }
  std::vector<std::string> rules;
  for (const Violation& violation : report_on(story.history.records()).violations)
    rules.emplace_back(violation.rule);
  EXPECT_THAT(rules, ::testing::Contains("place"));
  EXPECT_THAT(rules, ::testing::Each(::testing::AnyOf("place", "cause")));
}

/// Partition 0 as a history of commands that came through a topic.
class VerifyCommands : public ::testing::Test {
 protected:
  schema::Position decided(std::uint64_t offset, std::uint32_t number) {
    return history_.add({.subject = subject(),
                         .event = schema::KeyUseRefused{.refusal = schema::KeyRefusal::too_late},
                         .causation = command(number),
                         .command_offset = offset,
                         .command_log = "cluster/commands"});
  }
  schema::Position skipped(std::int64_t from, std::int64_t through,
                           std::optional<std::uint64_t> mark = std::nullopt) {
    return history_.add({.subject = std::to_string(partition_.value),
                         .event = schema::CommandsSkipped{.log = "cluster/commands",
                                                          .from = from,
                                                          .through = through,
                                                          .end = 100,
                                                          .found = schema::SkipFound::deciding},
                         .actor = "",
                         .command_offset = mark.value_or(static_cast<std::uint64_t>(through)),
                         .command_log = "cluster/commands",
                         .partition = partition_});
  }
  std::string subject() const { return schema::to_text(an_id<schema::KeyId>(7)); }

  const schema::Partition partition_ = schema::partition_of(subject(), kPartitions);
  History history_;
};

TEST_F(VerifyCommands, IsContentWithARangeThatWasSkipped) {
  decided(3, 1);
  decided(3, 1);  // the same command's
  skipped(4, 9);
  decided(10, 2);
  history_.add({.subject = std::to_string(partition_.value),
                .event = schema::LogAdopted{.copy = "a", .from = "kafka", .to = "kafka"},
                .actor = "",
                .partition = partition_});
  decided(0, 3);
  EXPECT_THAT(violations(history_.records()), ElementsAre());
}

TEST_F(VerifyCommands, FindsWhatWasDecidedOutOfItsTopicsOrder) {
  decided(3, 1);
  const auto before = decided(2, 2);
  const auto again = decided(2, 3);
  EXPECT_THAT(violations(history_.records()),
              ElementsAre(at(before, "commands"), at(again, "commands")));
}

TEST_F(VerifyCommands, FindsARangeThatCannotHaveBeenSkipped) {
  decided(3, 1);
  const auto decided_before = skipped(3, 5);
  const auto twice = skipped(5, 6);
  const auto backwards = skipped(9, 8);
  const auto another_mark = skipped(10, 20, 30);
  const auto decided_within = decided(25, 2);
  const auto beyond_the_end = skipped(31, 100);
  EXPECT_THAT(violations(history_.records()),
              ElementsAre(at(decided_before, "commands"), at(twice, "commands"),
                          at(backwards, "commands"), at(another_mark, "commands"),
                          at(decided_within, "commands"), at(beyond_the_end, "commands")));
}

}  // namespace
}  // namespace boxoffice::replay
