#include "replay-tools/verify/claim_book.hpp"

namespace boxoffice::replay {

namespace {

bool lasts_longer(const LiveClaim& claim, const LiveClaim* than) {
  if (than == nullptr) return true;
  if (than->is_confirmed) return false;
  return claim.is_confirmed || claim.expires_at > than->expires_at;
}

}  // namespace

const LiveClaim* ClaimBook::find(const schema::ClaimId& id) const {
  const LiveClaim* found = nullptr;
  by_id_.for_each(id, [&](const LiveClaim& claim) { found = &claim; });
  return found;
}

const LiveClaim* ClaimBook::longest_of(const schema::PersonId& person, schema::Instant now) const {
  const LiveClaim* longest = nullptr;
  by_person_.for_each(person, [&](const LiveClaim& claim) {
    if (claim.is_live(now) && lasts_longer(claim, longest)) longest = &claim;
  });
  return longest;
}

const LiveClaim* ClaimBook::longest_of(IpTag ip, schema::Instant now) const {
  const LiveClaim* longest = nullptr;
  by_ip_.for_each(ip, [&](const LiveClaim& claim) {
    if (claim.is_live(now) && lasts_longer(claim, longest)) longest = &claim;
  });
  return longest;
}

const LiveClaim* ClaimBook::holder_of(schema::TicketPlace ticket) const {
  for (std::uint32_t slot = 0; slot < slots_.size(); ++slot) {
    const LiveClaim& claim = slots_[slot];
    if (claim.claimed_by.value != 0 && claim.pool == ticket.pool && claim.number == ticket.number)
      return &claim;
  }
  return nullptr;
}

bool ClaimBook::is_current(const Expiry& expiry) const {
  const LiveClaim& claim = slots_[expiry.slot];
  return claim.claimed_by == expiry.claimed_by && !claim.is_confirmed;
}

const LiveClaim* ClaimBook::first_to_expire() {
  while (!expiries_.empty() && !is_current(expiries_.top())) expiries_.pop();
  return expiries_.empty() ? nullptr : &slots_[expiries_.top().slot];
}

void ClaimBook::add(const LiveClaim& claim) {
  std::uint32_t slot = slots_.size();
  if (free_.empty()) {
    slots_.push_back(claim);
  } else {
    slot = free_.back();
    free_.pop_back();
    slots_[slot] = claim;
  }
  by_id_.insert(slot);
  by_person_.insert(slot);
  by_ip_.insert(slot);
  while (!expiries_.empty() && !is_current(expiries_.top())) expiries_.pop();
  expiries_.push({claim.expires_at, slot, claim.claimed_by});
}

void ClaimBook::confirm(const LiveClaim& claim) {
  slots_[slots_.index_of(claim)].is_confirmed = true;
}

void ClaimBook::remove(const LiveClaim& claim) {
  const std::uint32_t slot = slots_.index_of(claim);
  by_id_.erase(slot);
  by_person_.erase(slot);
  by_ip_.erase(slot);
  slots_[slot].claimed_by = {};
  free_.push_back(slot);
}

}  // namespace boxoffice::replay
