// Who may hold a ticket: claiming, confirming, releasing.

#include "tests/domain/vocabulary.hpp"

namespace boxoffice::domain::tests {
namespace {

class ClaimTicket : public BoxOffice {};
class ConfirmClaim : public BoxOffice {};
class ReleaseClaim : public BoxOffice {};

TEST_F(ClaimTicket, HoldsTheNextNumberForTheTimeToLive) {
  given_open(seats(2));
  when(claim_ticket(ada));
  then(ticket_claimed(ada, {1}, noon + 5min));
  when(claim_ticket(bob), noon + 1s);
  then(ticket_claimed(bob, {2}, noon + 1s + 5min));
  then_counts(0, 2, 0);
}

TEST_F(ClaimTicket, GoesRoundRobinOverPoolsWithSomethingFree) {
  given_open(without_rules(seats({{"stalls", 1}, {"balcony", 2}, {"boxes", 2}})));
  const std::vector<Seat> expected = {
      {1, 0, "stalls"}, {1, 1, "balcony"}, {1, 2, "boxes"}, {2, 1, "balcony"}, {2, 2, "boxes"}};
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const Customer who = customer(std::to_string(i));
    when(claim_ticket(who));
    then(ticket_claimed(who, expected[i], noon + 5min));
  }
  when(claim_ticket(ada));
  then(claim_refused(ada, ClaimRefusal::sold_out, {}, noon + 5min));
}

TEST_F(ClaimTicket, GivesTheLowestNumberThatCameBackFirst) {
  given_open(seats(5));
  given(claim_ticket(ada));
  given(claim_ticket(bob));
  given(claim_ticket(cleo));
  given(release(bob));
  given(release(ada));
  when(claim_ticket(ada.again()));
  then(ticket_claimed(ada.again(), {1}, noon + 5min));
  when(claim_ticket(bob.again()));
  then(ticket_claimed(bob.again(), {2}, noon + 5min));
  when(claim_ticket(customer("dora")));
  then(ticket_claimed(customer("dora"), {4}, noon + 5min));
}

TEST_F(ClaimTicket, IsRefusedForAnOccasionThatNobodyKnows) {
  when(claim_ticket(ada));
  then(claim_refused(ada, ClaimRefusal::unknown_occasion));
}

TEST_F(ClaimTicket, IsRefusedBeforeTheOccasionOpens) {
  given(create(seats(2)));
  when(claim_ticket(ada));
  then(claim_refused(ada, ClaimRefusal::not_open));
}

TEST_F(ClaimTicket, IsRefusedAfterTheOccasionClosed) {
  given_open(seats(2));
  given(step(OccasionStep::close));
  when(claim_ticket(ada));
  then(claim_refused(ada, ClaimRefusal::closed));
}

TEST_F(ClaimTicket, IsRefusedOnceTheOccasionIsCancelled) {
  given_open(seats(2));
  given(step(OccasionStep::cancel));
  when(claim_ticket(ada));
  then(claim_refused(ada, ClaimRefusal::cancelled));
}

TEST_F(ClaimTicket, IsRefusedWhereTicketsAreNotClaimed) {
  auto details = seats(2);
  details.claims.reset();
  given_open(details);
  when(claim_ticket(ada));
  then(claim_refused(ada, ClaimRefusal::claims_off));
}

TEST_F(ClaimTicket, IsRefusedAfterItsDeadlineWhateverElseIsWrong) {
  when_late(claim_ticket(ada));
  then(claim_refused(ada, ClaimRefusal::too_late));
  EXPECT_TRUE(is_too_late(decision_.back().event));
}

TEST_F(ClaimTicket, IsDecidedAtItsDeadline) {
  given_open(seats(2));
  decision_ = partition_.ask_by(noon, claim_ticket(ada), noon);
  then(ticket_claimed(ada, {1}, noon + 5min));
}

TEST_F(ClaimTicket, IsRefusedWhileTheAddressHoldsALiveClaim) {
  given_open(seats(3));
  given(claim_ticket(ada));
  const Customer elsewhere = ada.again().at_ip_of(bob);
  when(claim_ticket(elsewhere), noon + 1min);
  then(claim_refused(elsewhere, ClaimRefusal::already_claimed, ClaimRule::one_per_email,
                     noon + 5min));
}

TEST_F(ClaimTicket, IsRefusedWhileTheIpHoldsALiveClaim) {
  given_open(seats(3));
  given(claim_ticket(ada));
  const Customer neighbour = bob.at_ip_of(ada);
  when(claim_ticket(neighbour), noon + 1min);
  then(claim_refused(neighbour, ClaimRefusal::already_claimed, ClaimRule::one_per_ip, noon + 5min));
}

TEST_F(ClaimTicket, NamesTheAddressWhereBothRulesStandAgainstIt) {
  given_open(seats(3));
  given(claim_ticket(ada));
  given(claim_ticket(bob), noon + 1min);
  const Customer both = ada.again().at_ip_of(bob);
  when(claim_ticket(both), noon + 2min);
  then(claim_refused(both, ClaimRefusal::already_claimed, ClaimRule::one_per_email, noon + 5min));
}

TEST_F(ClaimTicket, CountsAConfirmedClaimAsTheAddresssOneForEver) {
  given_open(seats(3));
  given(claim_ticket(ada));
  given(confirm(ada));
  when(claim_ticket(ada.again().at_ip_of(bob)), noon + 24h);
  then(claim_refused(ada.again().at_ip_of(bob), ClaimRefusal::already_claimed,
                     ClaimRule::one_per_email));
  when(claim_ticket(bob.at_ip_of(ada)), noon + 24h);
  then(claim_refused(bob.at_ip_of(ada), ClaimRefusal::already_claimed, ClaimRule::one_per_ip));
}

TEST_F(ClaimTicket, IsGrantedAgainOnceTheClaimWasReleased) {
  given_open(seats(1));
  given(claim_ticket(ada));
  given(confirm(ada));
  given(release(ada));
  when(claim_ticket(ada.again()));
  then(ticket_claimed(ada.again(), {1}, noon + 5min));
}

TEST_F(ClaimTicket, MayBeMadeManyTimesWhereTheRulesAreSwitchedOff) {
  given_open(without_rules(seats(3)));
  given(claim_ticket(ada));
  when(claim_ticket(ada.again()));
  then(ticket_claimed(ada.again(), {2}, noon + 5min));
}

TEST_F(ClaimTicket, MeetsARuleSwitchedOnLaterByTheClaimThatLastsLongest) {
  given_open(without_rules(seats(5)));
  given(claim_ticket(ada));
  given(claim_ticket(ada.again()), noon + 2min);
  given(claim_ticket(ada.again().again()), noon + 1min);
  given(change_claims({.one_per_email = true}), noon + 2min);
  const Customer fourth = ada.again().again().again();
  when(claim_ticket(fourth), noon + 3min);
  then(claim_refused(fourth, ClaimRefusal::already_claimed, ClaimRule::one_per_email, noon + 7min));
  given(confirm(ada), noon + 4min);
  when(claim_ticket(fourth), noon + 4min);
  then(claim_refused(fourth, ClaimRefusal::already_claimed, ClaimRule::one_per_email));
  given(release(ada), noon + 4min);
  when(claim_ticket(fourth), noon + 4min);
  then(claim_refused(fourth, ClaimRefusal::already_claimed, ClaimRule::one_per_email, noon + 7min));
}

TEST_F(ClaimTicket, IsSoldOutUntilTheFirstHeldClaimMayExpire) {
  given_open(seats(2));
  given(claim_ticket(ada));
  given(claim_ticket(bob), noon + 1min);
  when(claim_ticket(cleo), noon + 2min);
  then(claim_refused(cleo, ClaimRefusal::sold_out, {}, noon + 5min));
}

TEST_F(ClaimTicket, IsSoldOutForGoodWhereTicketsBurnOrAreConfirmed) {
  given_open(burning(seats(1)));
  given(claim_ticket(ada));
  when(claim_ticket(bob));
  then(claim_refused(bob, ClaimRefusal::sold_out));
  given(change_claims({.on_expiry = OnExpiry::return_}));
  given(confirm(ada));
  when(claim_ticket(bob));
  then(claim_refused(bob, ClaimRefusal::sold_out));
}

TEST_F(ClaimTicket, IsRefusedUnderAnIdThatIsAliveAlready) {
  given_open(without_rules(seats(3)));
  given(claim_ticket(ada));
  when(claim_ticket(bob.with(ada.claim)));
  then(claim_refused(bob.with(ada.claim), ClaimRefusal::already_claimed, {}, noon + 5min));
}

TEST_F(ClaimTicket, TakesTheTimeToLiveOfThePolicyOfNow) {
  given_open(seats(2));
  given(claim_ticket(ada));
  given(change_claims({.ttl_ms = 1000}));
  when(claim_ticket(bob));
  then(ticket_claimed(bob, {2}, noon + 1s));
  EXPECT_EQ(next_due(partition_.state()), noon + 1s);
}

TEST_F(ConfirmClaim, IssuesTheTicketAndStopsItsExpiry) {
  given_open(seats(2));
  given(claim_ticket(ada));
  when(confirm(ada), noon + 1min);
  then(claim_confirmed(ada, {1}));
  then_counts(1, 0, 1);
  EXPECT_EQ(next_due(partition_.state()), std::nullopt);
}

TEST_F(ConfirmClaim, SaysSoWhereItIsRepeatedAndCountsOnce) {
  given_open(seats(2));
  given(claim_ticket(ada));
  given(confirm(ada));
  when(confirm(ada), noon + 1h);
  then(claim_confirmed(ada, {1}, true));
  then_counts(1, 0, 1);
}

TEST_F(ConfirmClaim, IsRefusedFromTheMomentTheClaimExpires) {
  given_open(seats(2));
  given(claim_ticket(ada));
  when(confirm(ada), noon + 5min);
  then(claim_expired(ada, {1}),
       confirmation_refused(ada, ConfirmationRefusal::claim_ended, Seat{1}));
  then_counts(2, 0, 0);
}

TEST_F(ConfirmClaim, IsRefusedForAClaimThatEndedOrNeverWas) {
  given_open(seats(2));
  given(claim_ticket(ada));
  given(release(ada));
  when(confirm(ada));
  then(confirmation_refused(ada, ConfirmationRefusal::claim_ended));
  when(confirm(bob));
  then(confirmation_refused(bob, ConfirmationRefusal::claim_ended));
}

TEST_F(ConfirmClaim, WorksWhereTheOccasionIsClosed) {
  given_open(seats(2));
  given(claim_ticket(ada));
  given(step(OccasionStep::close));
  when(confirm(ada));
  then(claim_confirmed(ada, {1}));
}

TEST_F(ConfirmClaim, IsRefusedWhereTheOccasionIsCancelledUnknownOrTheCommandLate) {
  when(confirm(ada));
  then(confirmation_refused(ada, ConfirmationRefusal::unknown_occasion));
  when_late(confirm(ada));
  then(confirmation_refused(ada, ConfirmationRefusal::too_late));
  given_open(seats(2));
  given(claim_ticket(ada));
  given(step(OccasionStep::cancel));
  when(confirm(ada));
  then(confirmation_refused(ada, ConfirmationRefusal::cancelled, Seat{1}));
}

TEST_F(ReleaseClaim, GivesAHeldTicketBack) {
  given_open(seats(2));
  given(claim_ticket(ada));
  when(release(ada));
  then(claim_released(ada, {1}, LiveClaim::held));
  then_counts(2, 0, 0);
}

TEST_F(ReleaseClaim, GivesAConfirmedTicketBackAlsoWhenClosed) {
  given_open(seats(2));
  given(claim_ticket(ada));
  given(confirm(ada));
  given(step(OccasionStep::close));
  when(release(ada), noon + 24h);
  then(claim_released(ada, {1}, LiveClaim::confirmed));
  then_counts(2, 0, 0);
}

TEST_F(ReleaseClaim, IsRefusedFromTheMomentTheClaimExpires) {
  given_open(burning(seats(2)));
  given(claim_ticket(ada));
  when(release(ada), noon + 5min);
  then(claim_expired(ada, {1}, ExpiredTicket::burned),
       release_refused(ada, ReleaseRefusal::claim_ended, Seat{1}));
  then_counts(1, 0, 0, 1);
}

TEST_F(ReleaseClaim, IsRefusedTwiceUnknownOrLate) {
  when(release(ada));
  then(release_refused(ada, ReleaseRefusal::unknown_occasion));
  when_late(release(ada));
  then(release_refused(ada, ReleaseRefusal::too_late));
  given_open(seats(2));
  given(claim_ticket(ada));
  given(release(ada));
  when(release(ada));
  then(release_refused(ada, ReleaseRefusal::claim_ended));
}

}  // namespace
}  // namespace boxoffice::domain::tests
