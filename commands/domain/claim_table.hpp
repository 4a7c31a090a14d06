#pragma once

#include <memory>
#include <optional>

#include "commands/domain/claim.hpp"
#include "commands/domain/expiry_queue.hpp"
#include "commands/domain/holder_index.hpp"

namespace boxoffice::domain {

/// The live claims of an occasion, held and confirmed, by id, by person, by IP, and by time.
///
/// 64 bytes a claim, and about 30 for what finds it. What an operation takes does not depend on how
/// many there are, but for the expiry queue's logarithm. Pointers to claims are valid until the
/// table is changed.
class ClaimTable {
 public:
  /// `freezer` must outlive the table.
  explicit ClaimTable(const Freezer& freezer);
  ~ClaimTable();

  std::size_t size() const { return size_; }
  const Claim* find(const schema::ClaimId& id) const;

  /// Which holders can be looked up from now on. Switching one on looks at every claim.
  void look_up_by(bool person, bool ip);
  /// The claim that lasts longest of those that this person (this IP) has. REQUIRES: look_up_by it.
  const Claim* latest_of(const schema::PersonId& person) const;
  const Claim* latest_of(const schema::IpId& ip) const;

  /// Has the processor fetch what a claim like that is going to be compared with.
  void prefetch(const schema::ClaimId& id, const schema::PersonId& person, IpTag ip) const;

  /// By place in the expiry queue; 0 is the held claim that expires first. nullptr: past its end.
  const Claim* expiring(std::size_t position) const;

  /// REQUIRES: no live claim has its id.
  void add(const Claim& claim);
  /// REQUIRES: held.
  void confirm(const schema::ClaimId& id);
  /// REQUIRES: live.
  void remove(const schema::ClaimId& id);

  /// What a snapshot keeps: the slots as they are, and where the free ones begin.
  struct Frozen {
    ClaimSlots::Frozen slots;
    Slot first_free = kNoSlot;
    std::uint32_t size = 0;
  };
  Frozen frozen() const { return {slots_.frozen(), first_free_, size_}; }

  /// Into an empty table: the slots one after the other, then the rest. False where it does not add
  /// up; then the table must not be used.
  void restore(const Claim& slot) { slots_.grow() = slot; }
  [[nodiscard]] bool restore_rest(Slot first_free, std::uint32_t size);

  std::size_t memory_bytes() const;

 private:
  using ByPerson = HolderIndex<&Claim::person>;
  using ByIp = HolderIndex<&Claim::ip>;

  Slot slot_of(const schema::ClaimId& id) const;
  const Claim* at(Slot slot) const { return slot == kNoSlot ? nullptr : &slots_[slot]; }
  void index(Slot slot);
  void forget_holders(Slot slot);
  template <class Index>
  void keep(std::unique_ptr<Index>& holders, bool wanted);

  ClaimSlots slots_;
  Slot first_free_ = kNoSlot;
  std::uint32_t size_ = 0;
  SlotIndex by_id_;
  std::unique_ptr<ByPerson> by_person_;
  std::unique_ptr<ByIp> by_ip_;
  ExpiryQueue expiry_;
};

}  // namespace boxoffice::domain
