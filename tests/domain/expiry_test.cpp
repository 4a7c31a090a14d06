// What becomes of claims whose time is over, and who settles them.

#include "tests/domain/vocabulary.hpp"

namespace boxoffice::domain::tests {
namespace {

class Expiry : public BoxOffice {
 protected:
  /// The sequences of the events that armed what was decided.
  std::vector<std::uint64_t> armed_by() const {
    std::vector<std::uint64_t> sequences;
    for (const Decided& decided : decision_)
      if (decided.armed_by) sequences.push_back(decided.armed_by->value);
    return sequences;
  }
};

TEST_F(Expiry, IsSettledFirstWhereThePersonClaimsAgain) {
  given_open(seats(3));
  given(claim_ticket(ada));
  when(claim_ticket(ada.again()), noon + 5min);
  then(claim_expired(ada, {1}), ticket_claimed(ada.again(), {1}, noon + 10min));
  EXPECT_THAT(armed_by(), testing::ElementsAre(3));
  EXPECT_FALSE(decision_.back().armed_by);
}

TEST_F(Expiry, IsSettledFirstWhereTheIpClaimsAgain) {
  given_open(seats(3));
  given(claim_ticket(ada));
  when(claim_ticket(bob.at_ip_of(ada)), noon + 5min);
  then(claim_expired(ada, {1}), ticket_claimed(bob.at_ip_of(ada), {1}, noon + 10min));
}

TEST_F(Expiry, OfPersonAndIpAreTwoWhereTheyAreTwoClaims) {
  given_open(seats(3));
  given(claim_ticket(bob));
  given(claim_ticket(ada));
  const Customer both = ada.again().at_ip_of(bob);
  when(claim_ticket(both), noon + 5min);
  then(claim_expired(ada, {2}), claim_expired(bob, {1}), ticket_claimed(both, {1}, noon + 10min));
}

TEST_F(Expiry, OfThePersonIsSettledBeforeTheIpStandsAgainstTheClaim) {
  given_open(seats(3));
  given(claim_ticket(ada));
  given(claim_ticket(bob), noon + 1min);
  const Customer both = ada.again().at_ip_of(bob);
  when(claim_ticket(both), noon + 5min);
  then(claim_expired(ada, {1}),
       claim_refused(both, ClaimRefusal::already_claimed, ClaimRule::one_per_ip, noon + 6min));
}

TEST_F(Expiry, LeavesAloneWhatTheCommandDoesNotTouch) {
  given_open(seats(3));
  given(claim_ticket(ada));
  when(claim_ticket(bob), noon + 5min);
  then(ticket_claimed(bob, {2}, noon + 10min));
}

TEST_F(Expiry, OfTheEarliestGivesItsTicketWhereNoneIsFree) {
  given_open(seats(2));
  given(claim_ticket(ada), noon + 1min);
  given(claim_ticket(bob), noon + 1min + 1ms);
  when(claim_ticket(cleo), noon + 1h);
  then(claim_expired(ada, {1}), ticket_claimed(cleo, {1}, noon + 1h + 5min));
}

TEST_F(Expiry, BurnsTheTicketWhereThatIsThePolicyOfThen) {
  given_open(seats(2));
  given(claim_ticket(ada));
  given(change_claims({.on_expiry = OnExpiry::burn}));
  when(claim_ticket(ada.again()), noon + 5min);
  then(claim_expired(ada, {1}, ExpiredTicket::burned),
       ticket_claimed(ada.again(), {2}, noon + 10min));
  then_counts(0, 1, 0, 1);
}

TEST_F(Expiry, ThatBurnsFreesNothing) {
  given_open(burning(seats(1)));
  given(claim_ticket(ada));
  when(claim_ticket(bob), noon + 5min);
  then(claim_refused(bob, ClaimRefusal::sold_out));
  when(claim_ticket(ada.again()), noon + 5min);
  then(claim_expired(ada, {1}, ExpiredTicket::burned),
       claim_refused(ada.again(), ClaimRefusal::sold_out));
}

TEST_F(Expiry, IsSettledByTheTimerInSlicesTheEarliestFirst) {
  given_open(seats(5));
  given(claim_ticket(cleo), noon + 2ms);
  given(claim_ticket(ada), noon + 2ms);
  given(claim_ticket(bob), noon + 3ms);
  EXPECT_EQ(next_due(partition_.state()), noon + 2ms + 5min);

  when_settling(noon + 1ms + 5min);
  then();
  when_settling(noon + 5min + 1s, 2);
  then(claim_expired(cleo, {1}), claim_expired(ada, {2}));
  EXPECT_THAT(armed_by(), testing::ElementsAre(3, 4));
  when_settling(noon + 5min + 1s, 2);
  then(claim_expired(bob, {3}));
  when_settling(noon + 5min + 1s, 2);
  then();
  EXPECT_EQ(next_due(partition_.state()), std::nullopt);
}

TEST_F(Expiry, GoesAcrossOccasionsInTheOrderOfTime) {
  const std::vector<std::string> names = {"a", "b", "c"};
  for (const std::string& name : names) {
    const auto subject = named<SubjectId>(name);
    partition_.ask(create(seats(10)), noon, subject);
    partition_.ask(step(OccasionStep::open), noon, subject);
  }
  for (int i = 0; i < 12; ++i)
    partition_.ask(claim_ticket(customer(std::to_string(i))), noon + i * 1ms,
                   named<SubjectId>(names[static_cast<std::size_t>(i * 7 % 3)]));
  std::vector<schema::Sequence> expected;
  for (std::uint64_t sequence = 7; sequence < 7 + 12; ++sequence) expected.push_back({sequence});
  std::vector<schema::Sequence> settled;
  while (next_due(partition_.state()))
    for (const Decided& decided : partition_.settle(noon + 1h, 5))
      settled.push_back(*decided.armed_by);
  EXPECT_EQ(settled, expected);
}

TEST_F(Expiry, GoesOnWhereTheOccasionIsClosedOrCancelled) {
  given_open(seats(2));
  given(claim_ticket(ada));
  given(step(OccasionStep::cancel));
  when_settling(noon + 1h);
  then(claim_expired(ada, {1}));
}

TEST_F(Expiry, ReturnsTheTicketWhereClaimsAreSwitchedOff) {
  given_open(burning(seats(2)));
  given(claim_ticket(ada));
  given(change({.claims = std::optional<schema::ClaimsChange>()}));
  when_settling(noon + 1h);
  then(claim_expired(ada, {1}));
}

}  // namespace
}  // namespace boxoffice::domain::tests
