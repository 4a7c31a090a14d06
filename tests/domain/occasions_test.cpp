// The life of an occasion: made, opened, closed, cancelled, changed.

#include "events-schema/occasion_steps.hpp"
#include "tests/domain/vocabulary.hpp"

namespace boxoffice::domain::tests {
namespace {

class OccasionTest : public BoxOffice {
 protected:
  void then_refused_to_step(OccasionStep step, OccasionRefusal refusal,
                            std::optional<schema::Sequence> if_match = {}) const {
    then(schema::OccasionStepRefused{.step = step, .if_match = if_match, .refusal = refusal});
  }
  void then_change_refused(OccasionRefusal refusal,
                           std::optional<std::string> field = std::nullopt) const {
    ASSERT_EQ(decision_.size(), 1U);
    const auto* refused = std::get_if<schema::OccasionChangeRefused>(&decision_[0].event);
    ASSERT_NE(refused, nullptr);
    EXPECT_EQ(refused->refusal, refusal);
    EXPECT_EQ(refused->field, field);
  }
  void then_stepped(OccasionStep step, OccasionState state,
                    std::optional<schema::Sequence> if_match = {}) const {
    ASSERT_EQ(decision_.size(), 1U);
    EXPECT_EQ(decision_[0].event,
              schema::occasion_stepped({.step = step, .if_match = if_match}, details(), state));
    EXPECT_EQ(partition_.occasion().state, state);
  }
  const schema::OccasionDetails& details() const { return *partition_.occasion().details; }
};
class CreateOccasion : public OccasionTest {};
class StepOccasion : public OccasionTest {};
class ChangeOccasion : public OccasionTest {};

TEST_F(CreateOccasion, MakesADraft) {
  when(create(seats(2)));
  then(schema::OccasionCreated{.organizer = named<schema::KeyId>("organizer"),
                               .details = seats(2),
                               .state = OccasionState::draft});
  EXPECT_EQ(partition_.occasion().organizer, named<schema::KeyId>("organizer"));
  EXPECT_EQ(partition_.occasion().last_event, schema::Sequence{1});
}

TEST_F(CreateOccasion, IsRefusedLateTwiceOrWithTooFewCodes) {
  const auto then_refused = [&](OccasionRefusal refusal, const schema::OccasionDetails& details,
                                std::optional<std::string> field = std::nullopt) {
    then(schema::OccasionCreationRefused{.organizer = named<schema::KeyId>("organizer"),
                                         .details = details,
                                         .refusal = refusal,
                                         .field = std::move(field)});
  };
  when_late(create(seats(2)));
  then_refused(OccasionRefusal::too_late, seats(2));
  auto few_codes = seats(27);
  few_codes.codes.length = 1;
  when(create(few_codes));
  then_refused(OccasionRefusal::codes_exhausted, few_codes, "/codes/length");
  given(create(seats(2)));
  when(create(seats(3)));
  then_refused(OccasionRefusal::already_made, seats(3));
}

TEST_F(StepOccasion, OpensClosesOpensAgainAndCancels) {
  given(create(seats(2)));
  when(step(OccasionStep::open));
  then_stepped(OccasionStep::open, OccasionState::open);
  when(step(OccasionStep::close));
  then_stepped(OccasionStep::close, OccasionState::closed);
  when(step(OccasionStep::open));
  then_stepped(OccasionStep::open, OccasionState::open);
  when(step(OccasionStep::cancel));
  then_stepped(OccasionStep::cancel, OccasionState::cancelled);
}

TEST_F(StepOccasion, CancelsADraftAndAClosedOne) {
  given(create(seats(2)));
  when(step(OccasionStep::cancel));
  then_stepped(OccasionStep::cancel, OccasionState::cancelled);
}

TEST_F(StepOccasion, IsRefusedWhereTheOccasionIsThereAlready) {
  given(create(seats(2)));
  when(step(OccasionStep::close));
  then_refused_to_step(OccasionStep::close, OccasionRefusal::not_open);
  given(step(OccasionStep::open));
  when(step(OccasionStep::open));
  then_refused_to_step(OccasionStep::open, OccasionRefusal::already_open);
  given(step(OccasionStep::close));
  when(step(OccasionStep::close));
  then_refused_to_step(OccasionStep::close, OccasionRefusal::already_closed);
  given(step(OccasionStep::cancel));
  for (const OccasionStep any : {OccasionStep::open, OccasionStep::close, OccasionStep::cancel}) {
    when(step(any));
    then_refused_to_step(any, OccasionRefusal::cancelled);
  }
}

TEST_F(StepOccasion, IsRefusedUnknownOrLate) {
  when(step(OccasionStep::open));
  then_refused_to_step(OccasionStep::open, OccasionRefusal::unknown_occasion);
  when_late(step(OccasionStep::open));
  then_refused_to_step(OccasionStep::open, OccasionRefusal::too_late);
}

TEST_F(StepOccasion, IsRefusedWhereTheOccasionHasChangedMeanwhile) {
  given(create(seats(2)));
  given(change({.venue = "Town Hall"}));
  when(step(OccasionStep::open, schema::Sequence{1}));
  then_refused_to_step(OccasionStep::open, OccasionRefusal::precondition_failed,
                       schema::Sequence{1});
  when(step(OccasionStep::open, schema::Sequence{2}));
  then_stepped(OccasionStep::open, OccasionState::open, schema::Sequence{2});
}

TEST_F(StepOccasion, IsMatchedAgainstTheOccasionsOwnEventsNotItsClaims) {
  given_open(seats(2));
  given(claim_ticket(ada));
  when(step(OccasionStep::open));  // refused: changes nothing
  when(step(OccasionStep::close, schema::Sequence{2}));
  then_stepped(OccasionStep::close, OccasionState::closed, schema::Sequence{2});
}

TEST_F(ChangeOccasion, ChangesWhatIsGivenAndNothingElse) {
  given_open(seats(2));
  when(change({.name = "Summer Gala", .totp = schema::TotpChange{.digits = 8}}));
  auto expected = seats(2);
  expected.name = "Summer Gala";
  expected.totp.digits = 8;
  then(schema::OccasionChanged{
      .change = {.name = "Summer Gala", .totp = schema::TotpChange{.digits = 8}},
      .details = expected,
      .state = OccasionState::open});
  EXPECT_EQ(details(), expected);
  EXPECT_EQ(partition_.occasion().last_event, schema::Sequence{3});
}

TEST_F(ChangeOccasion, SwitchesAWayInOffAndOnWithItsDefaults) {
  auto own_ttl = seats(2);
  own_ttl.claims->ttl_ms = 1000;
  given(create(own_ttl));
  given(change({.claims = std::optional<schema::ClaimsChange>()}));
  EXPECT_EQ(details().claims, std::nullopt);
  given(change({.claims = schema::ClaimsChange{.one_per_ip = false}}));
  auto expected = default_claims();
  expected.one_per_ip = false;
  EXPECT_EQ(details().claims, expected);
  given(change({.requests = schema::RequestsChange{.largest = 2}}));
  auto requests = default_requests();
  requests.largest = 2;
  EXPECT_EQ(details().requests, requests);
}

TEST_F(ChangeOccasion, GrowsAndAppendsPools) {
  given_open(seats(1));
  given(change_pools({{"main", 2}, {"balcony", 1}}));
  EXPECT_EQ(partition_.pool(0).free(), 2U);
  EXPECT_EQ(partition_.pool(1).free(), 1U);
}

TEST_F(ChangeOccasion, ShrinksAPoolDownToWhatIsCommittedAndNoFurther) {
  given_open(burning(seats(10)));
  given(claim_ticket(ada));
  given(claim_ticket(bob));
  given(claim_ticket(cleo));
  given(confirm(bob));
  when_settling(noon + 5min, 1);  // burns ada's: one burned, one issued, one claimed
  when(change_pools(pool(2)));
  then_change_refused(OccasionRefusal::below_committed, "/pools/0/capacity");
  given(change_pools(pool(3)));
  then_counts(0, 1, 1, 1);
}

TEST_F(ChangeOccasion, DoublesNoNumberWhereAPoolShrinksAndGrows) {
  given_open(without_rules(seats(5)));
  std::vector<Customer> holders;
  for (int i = 0; i < 5; ++i) {
    holders.push_back(customer(std::to_string(i)));
    given(claim_ticket(holders.back()));
  }
  given(release(holders[0]));
  given(release(holders[1]));
  given(change_pools(pool(3)));
  when(claim_ticket(ada));
  then(claim_refused(ada, ClaimRefusal::sold_out, {}, noon + 5min));
  given(release(holders[4]));
  when(claim_ticket(ada));
  then(ticket_claimed(ada, {1}, noon + 5min));
  given(change_pools(pool(6)));
  for (const std::uint32_t number : {2, 5, 6}) {
    const Customer who = customer("later " + std::to_string(number));
    when(claim_ticket(who));
    then(ticket_claimed(who, {number}, noon + 5min));
  }
}

TEST_F(ChangeOccasion, KeepsPoolsTheirNamesAndTheirOrder) {
  given_open(seats({{"a", 1}, {"b", 1}}));
  when(change_pools({{"a", 1}}));
  then_change_refused(OccasionRefusal::pools_fixed, "/pools");
  when(change_pools({{"b", 1}, {"a", 1}}));
  then_change_refused(OccasionRefusal::pools_fixed, "/pools/0/name");
  when(change_pools({{"a", 1}, {"b", 1}, {"a", 1}}));
  then_change_refused(OccasionRefusal::does_not_fit, "/pools/2/name");
}

TEST_F(ChangeOccasion, LeavesACodeForEachTicket) {
  given_open(seats(2));
  when(change({.codes = schema::CodesChange{.length = 1, .alphabet = "AB"}}));
  EXPECT_TRUE(std::holds_alternative<schema::OccasionChanged>(decision_[0].event));
  when(change_pools(pool(3)));
  then_change_refused(OccasionRefusal::codes_exhausted, "/codes/length");
}

TEST_F(ChangeOccasion, IsRefusedWhereWhatItWasMadeForIsNoLongerSo) {
  given_open(seats(2));
  given(change({.admission = schema::AdmissionChange{.opens_at = noon}}));
  when(change({.admission = schema::AdmissionChange{.closes_at = noon - 1ms}}));
  then_change_refused(OccasionRefusal::does_not_fit, "/admission/closes_at");
  when(change({.name = "Gala"}, schema::Sequence{2}));
  then_change_refused(OccasionRefusal::precondition_failed);
  when(change({.name = "Gala"}, schema::Sequence{3}));
  EXPECT_FALSE(is_refusal(decision_[0].event));
}

TEST_F(ChangeOccasion, IsRefusedUnknownLateOrCancelled) {
  when(change({.name = "Gala"}));
  then_change_refused(OccasionRefusal::unknown_occasion);
  when_late(change({.name = "Gala"}));
  then_change_refused(OccasionRefusal::too_late);
  given_open(seats(2));
  given(step(OccasionStep::close));
  given(change({.name = "Gala"}));
  given(step(OccasionStep::cancel));
  when(change({.name = "Gala"}));
  then_change_refused(OccasionRefusal::cancelled);
}

}  // namespace
}  // namespace boxoffice::domain::tests
