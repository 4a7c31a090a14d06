#include "commands/domain/partition_state.hpp"

#include "commands/domain/require.hpp"
#include "commands/domain/snapshot.hpp"

namespace boxoffice::domain {

PartitionState::PartitionState() : freezer_(std::make_unique<Freezer>()) {}
PartitionState::~PartitionState() = default;
PartitionState::PartitionState(PartitionState&&) noexcept = default;
PartitionState& PartitionState::operator=(PartitionState&&) noexcept = default;

const Occasion* PartitionState::occasion(const schema::OccasionId& id) const {
  const auto found = occasions_.find(id);
  return found == occasions_.end() ? nullptr : &found->second->occasion;
}

std::size_t PartitionState::live_claims() const {
  std::size_t claims = 0;
  for (const auto& [id, entry] : occasions_) claims += entry->occasion.claims.size();
  return claims;
}

std::size_t PartitionState::memory_bytes() const {
  std::size_t bytes = sizeof *this + keys_.size() * sizeof(Keys::value_type);
  for (const auto& [id, entry] : occasions_) bytes += entry->occasion.memory_bytes();
  return bytes;
}

Keys& PartitionState::keys_to_change() {
  frozen_keys_.reset();
  return keys_;
}

Occasion& PartitionState::make(const schema::OccasionId& id) {
  std::unique_ptr<Entry>& entry = occasions_[id];
  if (entry == nullptr) entry = std::make_unique<Entry>(id, *freezer_);
  entry->frozen.reset();
  return entry->occasion;
}

Occasion& PartitionState::to_change(const schema::OccasionId& id) {
  const auto found = occasions_.find(id);
  require(found != occasions_.end());
  found->second->frozen.reset();
  return found->second->occasion;
}

void PartitionState::rearm(const Occasion& occasion) {
  Entry& entry = *occasions_.find(occasion.id)->second;
  const Claim* first = occasion.claims.expiring(0);
  std::optional<schema::Instant> at;
  if (first != nullptr) at = first->expires_at();
  if (at == entry.armed_for) return;
  if (entry.armed_for) due_.erase({*entry.armed_for, occasion.id});
  if (at) due_.insert({*at, occasion.id});
  entry.armed_for = at;
}

}  // namespace boxoffice::domain
