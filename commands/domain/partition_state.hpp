#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "commands/domain/key.hpp"
#include "commands/domain/occasion.hpp"

namespace boxoffice::domain {

struct FrozenOccasion;

/// The state of a partition: the occasions and keys that live in it. It belongs to one thread; a
/// frozen copy (snapshot.hpp) may be read on another meanwhile.
class PartitionState {
 public:
  PartitionState();
  ~PartitionState();
  PartitionState(PartitionState&&) noexcept;
  PartitionState& operator=(PartitionState&&) noexcept;

  /// nullptr where there is none. Valid until the state is changed.
  const Occasion* occasion(const schema::OccasionId& id) const;
  const Keys& keys() const { return keys_; }
  std::size_t occasions() const { return occasions_.size(); }
  std::size_t live_claims() const;
  /// About as much as it takes, allocators' overhead left out.
  std::size_t memory_bytes() const;

  /// Occasions with a timer armed, the earliest first.
  struct Due {
    schema::Instant at;
    schema::OccasionId occasion;
    auto operator<=>(const Due&) const = default;
  };
  const std::set<Due>& due() const { return due_; }

  // For folding events and for snapshots.

  const Freezer& freezer() const { return *freezer_; }
  Keys& keys_to_change();
  /// The occasion, made where there is none yet.
  Occasion& make(const schema::OccasionId& id);
  /// REQUIRES: it is there. Follow the change with `rearm`.
  Occasion& to_change(const schema::OccasionId& id);
  /// Takes note of when the occasion's next timer is due.
  void rearm(const Occasion& occasion);

 private:
  friend struct FrozenState freeze(const PartitionState& state);

  /// An occasion, and what is kept about it.
  struct Entry {
    explicit Entry(const schema::OccasionId& id, const Freezer& freezer) : occasion(id, freezer) {}
    Occasion occasion;
    std::optional<schema::Instant> armed_for;
    /// As it was last frozen; nullptr when it changed since. So freezing costs what changed.
    std::shared_ptr<const FrozenOccasion> frozen;
  };

  std::unique_ptr<Freezer> freezer_;
  std::unordered_map<schema::OccasionId, std::unique_ptr<Entry>, schema::IdHash> occasions_;
  std::set<Due> due_;
  Keys keys_;
  mutable std::shared_ptr<const std::vector<Keys::value_type>> frozen_keys_;
};

}  // namespace boxoffice::domain
