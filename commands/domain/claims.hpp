#pragma once

#include "commands/domain/occasion.hpp"

/// Claims: who may hold a ticket, and for how long.
namespace boxoffice::domain {

// Where there is no occasion of that id, `occasion` is nullptr.
Decision decide(const Occasion* occasion, const schema::ClaimTicket& command, const Asked&);
Decision decide(const Occasion* occasion, const schema::ConfirmClaim& command, const Asked&);
Decision decide(const Occasion* occasion, const schema::ReleaseClaim& command, const Asked&);

/// What becomes of a claim whose time is over, by the policy of now.
Decided expire(const Occasion& occasion, const Claim& claim);

void evolve(Occasion& occasion, const schema::TicketClaimed&, schema::Sequence);
void evolve(Occasion& occasion, const schema::ClaimConfirmed&);
void evolve(Occasion& occasion, const schema::ClaimReleased&);
void evolve(Occasion& occasion, const schema::ClaimExpired&);

}  // namespace boxoffice::domain
