// A refusal says the truth: what it names stands in the way.

#include <algorithm>
#include <set>

#include "tests/simulation/occasion_rules.hpp"

namespace boxoffice::simulation {

using schema::ClaimRefusal;
using schema::OccasionRefusal;
using schema::OccasionState;

void OccasionRules::tell(const schema::OccasionCreationRefused& event) const {
  switch (event.refusal) {
    case OccasionRefusal::too_late:
      return;
    case OccasionRefusal::already_made:
      return demand(exists(), "refused as if it were there");
    default:
      return demand(false, "nothing is wrong with what the clients make");
  }
}

void OccasionRules::tell(const schema::OccasionChangeRefused& event) const {
  const auto& wanted = event.change.pools;
  const auto is_among_pools = [&](auto misfit) {
    if (!wanted) return false;
    const auto& present = occasion().details.pools;
    for (std::size_t i = 0; i < std::min(wanted->size(), present.size()); ++i)
      if (misfit(i, (*wanted)[i], present[i])) return true;
    return false;
  };
  switch (event.refusal) {
    case OccasionRefusal::too_late:
      return;
    case OccasionRefusal::unknown_occasion:
      return demand(!exists(), "an occasion that is there is said not to be");
    case OccasionRefusal::precondition_failed:
      return demand(event.if_match && *event.if_match != occasion().last_event,
                    "who saw the last state is said not to have");
    case OccasionRefusal::cancelled:
      return demand(is_in(OccasionState::cancelled), "it is not cancelled");
    case OccasionRefusal::pools_fixed: {
      const bool renamed = is_among_pools([](std::size_t, const auto& pool, const auto& before) {
        return pool.name != before.name;
      });
      const bool fewer = wanted && wanted->size() < occasion().details.pools.size();
      return demand(renamed || fewer, "its pools stay as they are");
    }
    case OccasionRefusal::below_committed:
      return demand(is_among_pools([&](std::size_t i, const auto& pool, const auto&) {
                      return pool.capacity < occasion().committed(i);
                    }),
                    "there is room for all that is given away");
    case OccasionRefusal::does_not_fit: {
      std::set<std::string> names;
      const bool doubled = wanted && std::ranges::any_of(*wanted, [&](const schema::Pool& pool) {
                             return !names.insert(pool.name).second;
                           });
      const auto& claims = event.change.claims;
      const bool verify = claims && *claims && (*claims)->verify_email.value_or(false);
      return demand(doubled || verify, "it would fit");
    }
    case OccasionRefusal::already_open:
    case OccasionRefusal::not_open:
    case OccasionRefusal::already_closed:
    case OccasionRefusal::codes_exhausted:
    case OccasionRefusal::already_made:
      return demand(false, "no change of the clients leads to that");
  }
}

void OccasionRules::tell(const schema::OccasionStepRefused& event) const {
  switch (event.refusal) {
    case OccasionRefusal::too_late:
      return;
    case OccasionRefusal::unknown_occasion:
      return demand(!exists(), "an occasion that is there is said not to be");
    case OccasionRefusal::precondition_failed:
      return demand(event.if_match && *event.if_match != occasion().last_event,
                    "who saw the last state is said not to have");
    case OccasionRefusal::cancelled:
      return demand(is_in(OccasionState::cancelled), "it is not cancelled");
    case OccasionRefusal::already_open:
      return demand(event.step == schema::OccasionStep::open && is_in(OccasionState::open),
                    "it is not open");
    case OccasionRefusal::not_open:
      return demand(event.step == schema::OccasionStep::close && is_in(OccasionState::draft),
                    "it is no draft");
    case OccasionRefusal::already_closed:
      return demand(event.step == schema::OccasionStep::close && is_in(OccasionState::closed),
                    "it is not closed");
    case OccasionRefusal::below_committed:
    case OccasionRefusal::pools_fixed:
    case OccasionRefusal::codes_exhausted:
    case OccasionRefusal::does_not_fit:
    case OccasionRefusal::already_made:
      return demand(false, "no step leads to that");
  }
}

void OccasionRules::tell(const schema::ClaimRefused& event) const {
  switch (event.refusal) {
    case ClaimRefusal::too_late:
      return;
    case ClaimRefusal::unknown_occasion:
      return demand(!exists(), "an occasion that is there is said not to be");
    case ClaimRefusal::not_open:
      return demand(is_in(OccasionState::draft), "it is no draft");
    case ClaimRefusal::closed:
      return demand(is_in(OccasionState::closed), "it is not closed");
    case ClaimRefusal::cancelled:
      return demand(is_in(OccasionState::cancelled), "it is not cancelled");
    case ClaimRefusal::claims_off:
      return demand(is_in(OccasionState::open) && !occasion().details.claims, "claims are on");
    case ClaimRefusal::already_claimed:
      return check_already_claimed(event);
    case ClaimRefusal::sold_out:
      demand(is_in(OccasionState::open) && occasion().free() == 0,
             "`sold_out` while a ticket was free");
      return demand(
          !occasion().returns_expired() ||
              std::ranges::none_of(occasion().held,
                                   [this](const auto& entry) { return is_due(entry.second); }),
          "`sold_out` while a claim was due");
  }
}

void OccasionRules::check_already_claimed(const schema::ClaimRefused& event) const {
  const Occasion& of = occasion();
  demand(of.state == OccasionState::open && of.details.claims, "refused for the wrong reason");
  demand(anybody_holds(of,
                       [&](const Holding& holding) {
                         if (!event.rule) return holding.claim == event.claim;
                         switch (*event.rule) {
                           case schema::ClaimRule::one_per_email:
                             return of.details.claims->one_per_email &&
                                    holding.person == event.person;
                           case schema::ClaimRule::one_per_ip:
                             return of.details.claims->one_per_ip && holding.ip == event.ip;
                         }
                         return false;
                       }),
         "`already_claimed` by somebody who holds nothing");
}

void OccasionRules::tell(const schema::ConfirmationRefused& event) const {
  using Refusal = schema::ConfirmationRefusal;
  switch (event.refusal) {
    case Refusal::too_late:
      return;
    case Refusal::unknown_occasion:
      return demand(!exists(), "an occasion that is there is said not to be");
    case Refusal::cancelled:
      return demand(is_in(OccasionState::cancelled), "it is not cancelled");
    case Refusal::claim_ended:
      return demand(
          !anybody_holds(occasion(), [&](const Holding& own) { return own.claim == event.claim; }),
          "a claim that lives is said to have ended");
  }
}

void OccasionRules::tell(const schema::ReleaseRefused& event) const {
  using Refusal = schema::ReleaseRefusal;
  switch (event.refusal) {
    case Refusal::too_late:
      return;
    case Refusal::unknown_occasion:
      return demand(!exists(), "an occasion that is there is said not to be");
    case Refusal::claim_ended:
      return demand(
          !anybody_holds(occasion(), [&](const Holding& own) { return own.claim == event.claim; }),
          "a claim that lives is said to have ended");
  }
}

}  // namespace boxoffice::simulation
