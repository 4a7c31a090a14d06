#include "commands/domain/claim_table.hpp"

#include "commands/domain/require.hpp"

namespace boxoffice::domain {

ClaimTable::ClaimTable(const Freezer& freezer) : slots_(freezer) {}
ClaimTable::~ClaimTable() = default;

Slot ClaimTable::slot_of(const schema::ClaimId& id) const {
  return by_id_.find(spread(id), [&](Slot slot) { return slots_[slot].id == id; });
}

const Claim* ClaimTable::find(const schema::ClaimId& id) const { return at(slot_of(id)); }

const Claim* ClaimTable::latest_of(const schema::PersonId& person) const {
  require(by_person_ != nullptr);
  return at(by_person_->latest_of(person));
}

const Claim* ClaimTable::latest_of(const schema::IpId& ip) const {
  require(by_ip_ != nullptr);
  return at(by_ip_->latest_of(IpTag::of(ip)));
}

const Claim* ClaimTable::expiring(std::size_t position) const {
  return position < expiry_.size() ? &slots_[expiry_[position]] : nullptr;
}

template <class Index>
void ClaimTable::keep(std::unique_ptr<Index>& holders, bool wanted) {
  if (wanted == (holders != nullptr)) return;
  holders = wanted ? std::make_unique<Index>(slots_, size_) : nullptr;
  for (Slot slot = 0; wanted && slot < slots_.size(); ++slot)
    if (slots_[slot].state != Claim::ended) holders->add(slot);
}

void ClaimTable::look_up_by(bool person, bool ip) {
  keep(by_person_, person);
  keep(by_ip_, ip);
}

void ClaimTable::add(const Claim& claim) {
  require(claim.state != Claim::ended && slot_of(claim.id) == kNoSlot);
  Slot slot = first_free_;
  if (slot == kNoSlot) {
    slot = static_cast<Slot>(slots_.size());
    slots_.grow() = claim;
  } else {
    first_free_ = slots_[slot].number;
    slots_.writable(slot) = claim;
  }
  ++size_;
  index(slot);
}

void ClaimTable::index(Slot slot) {
  const Claim& claim = slots_[slot];
  by_id_.insert(spread(claim.id), slot, HashOf<&Claim::id>(slots_));
  if (by_person_) by_person_->add(slot);
  if (by_ip_) by_ip_->add(slot);
  if (claim.state == Claim::held) expiry_.push(slots_, slot);
}

void ClaimTable::prefetch(const schema::ClaimId& id, const schema::PersonId& person,
                          IpTag ip) const {
  by_id_.prefetch(spread(id));
  if (by_person_) by_person_->prefetch(person);
  if (by_ip_) by_ip_->prefetch(ip);
}

void ClaimTable::forget_holders(Slot slot) {
  if (by_person_) by_person_->remove(slot);
  if (by_ip_) by_ip_->remove(slot);
}

void ClaimTable::confirm(const schema::ClaimId& id) {
  const Slot slot = slot_of(id);
  require(slot != kNoSlot && slots_[slot].state == Claim::held);
  expiry_.remove(slots_, slot);
  // How long it lasts is what holders' claims are ordered by.
  forget_holders(slot);
  slots_.writable(slot).state = Claim::confirmed;
  if (by_person_) by_person_->add(slot);
  if (by_ip_) by_ip_->add(slot);
}

void ClaimTable::remove(const schema::ClaimId& id) {
  const Slot slot = slot_of(id);
  require(slot != kNoSlot);
  if (slots_[slot].state == Claim::held) expiry_.remove(slots_, slot);
  forget_holders(slot);
  by_id_.erase(spread(id), slot);
  Claim& freed = slots_.writable(slot);
  freed = Claim{};
  freed.number = first_free_;
  first_free_ = slot;
  --size_;
}

bool ClaimTable::restore_rest(Slot first_free, std::uint32_t size) {
  if (size > slots_.size()) return false;
  std::size_t free = slots_.size() - size;
  for (Slot slot = first_free; slot != kNoSlot; slot = slots_[slot].number, --free)
    if (free == 0 || slot >= slots_.size() || slots_[slot].state != Claim::ended) return false;
  if (free != 0) return false;

  by_id_ = SlotIndex(size);
  if (by_person_) by_person_ = std::make_unique<ByPerson>(slots_, size);
  if (by_ip_) by_ip_ = std::make_unique<ByIp>(slots_, size);
  constexpr Slot kAhead = 16;
  for (Slot slot = 0; slot < slots_.size(); ++slot) {
    if (slot + kAhead < slots_.size()) {
      const Claim& ahead = slots_[slot + kAhead];
      prefetch(ahead.id, ahead.person, ahead.ip);
    }
    if (slots_[slot].state == Claim::ended) continue;
    if (slot_of(slots_[slot].id) != kNoSlot) return false;
    index(slot);
    ++size_;
  }
  first_free_ = first_free;
  return size_ == size;
}

std::size_t ClaimTable::memory_bytes() const {
  std::size_t bytes = slots_.memory_bytes() + by_id_.memory_bytes() + expiry_.memory_bytes();
  if (by_person_) bytes += by_person_->memory_bytes();
  if (by_ip_) bytes += by_ip_->memory_bytes();
  return bytes;
}

}  // namespace boxoffice::domain
