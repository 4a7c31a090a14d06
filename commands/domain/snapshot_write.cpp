#include <algorithm>

#include "commands/domain/snapshot.hpp"
#include "commands/domain/snapshot_bytes.hpp"
#include "events-schema/codec.hpp"

namespace boxoffice::domain {
namespace {

std::shared_ptr<const FrozenOccasion> frozen(const Occasion& occasion) {
  auto copy = std::make_shared<FrozenOccasion>(FrozenOccasion{.id = occasion.id,
                                                              .state = occasion.state,
                                                              .details = occasion.details,
                                                              .organizer = occasion.organizer,
                                                              .last_event = occasion.last_event,
                                                              .next_pool = occasion.next_pool,
                                                              .pools = {},
                                                              .claims = occasion.claims.frozen()});
  for (const Pool& pool : occasion.pools)
    copy->pools.push_back({pool.counts(), pool.returned().frozen()});
  return copy;
}

void write_pool(SnapshotWriter& out, const FrozenOccasion::FrozenPool& pool) {
  out.put(pool.counts);
  out.put(static_cast<std::uint32_t>(pool.returned.size()));
  for (std::size_t word = 0; word < pool.returned.size(); ++word) out.put(pool.returned[word]);
}

void write_claims(SnapshotWriter& out, const ClaimTable::Frozen& claims) {
  out.put(claims.size);
  out.put(claims.first_free);
  out.put(static_cast<std::uint32_t>(claims.slots.size()));
  for (std::size_t slot = 0; slot < claims.slots.size() && out.accepted(); ++slot) {
    Claim claim = claims.slots[slot];
    claim.expiry_position = 0;  // the queue is made anew
    out.put(claim);
  }
}

void write_occasion(SnapshotWriter& out, const FrozenOccasion& occasion) {
  out.put(occasion.id);
  // As the event that would make it so: what is on the log can always be read.
  std::string details;
  schema::write_data(details, schema::Event(schema::OccasionCreated{.organizer = occasion.organizer,
                                                                    .details = *occasion.details,
                                                                    .state = occasion.state}));
  out.put_text(details);
  out.put(occasion.last_event.value);
  out.put(occasion.next_pool);
  for (const FrozenOccasion::FrozenPool& pool : occasion.pools) write_pool(out, pool);
  write_claims(out, occasion.claims);
}

}  // namespace

FrozenState freeze(const PartitionState& state) {
  FrozenState copy;
  copy.occasions.reserve(state.occasions_.size());
  for (const auto& [id, entry] : state.occasions_) {
    if (entry->frozen == nullptr) entry->frozen = frozen(entry->occasion);
    copy.occasions.push_back(entry->frozen);
  }
  if (state.frozen_keys_ == nullptr)
    state.frozen_keys_ = std::make_shared<const std::vector<Keys::value_type>>(state.keys_.begin(),
                                                                               state.keys_.end());
  copy.keys = state.frozen_keys_;
  copy.reading = state.freezer_->freeze();
  return copy;
}

bool write(const FrozenState& state, const Sink& sink) {
  SnapshotWriter out(sink);
  out.put(kSnapshotMagic);

  std::vector<std::pair<schema::KeyId, KeyState>> keys(state.keys->begin(), state.keys->end());
  std::ranges::sort(keys);
  out.put(static_cast<std::uint32_t>(keys.size()));
  for (const auto& [key, key_state] : keys) {
    out.put(key);
    out.put(static_cast<std::uint8_t>(key_state));
  }

  std::vector<const FrozenOccasion*> occasions;
  for (const auto& occasion : state.occasions) occasions.push_back(occasion.get());
  std::ranges::sort(occasions, {}, &FrozenOccasion::id);
  out.put(static_cast<std::uint32_t>(occasions.size()));
  for (const FrozenOccasion* occasion : occasions) {
    if (!out.accepted()) return false;
    write_occasion(out, *occasion);
  }
  out.flush();
  return out.accepted();
}

}  // namespace boxoffice::domain
