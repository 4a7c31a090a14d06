#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "commands/domain/partition_state.hpp"

/// A partition's state as bytes, so that it need not be folded from all of history again.
///
/// Binary, little-endian, versioned; what can be computed again (indexes, queues) is left out, so
/// that equal states give equal bytes, however they came about. The caller frames the bytes, notes
/// the position they stand for, and checks that they are what was written.
namespace boxoffice::domain {

/// An occasion as it was when it was frozen; shared by frozen states until it changes.
struct FrozenOccasion {
  schema::OccasionId id;
  schema::OccasionState state{};
  std::shared_ptr<const schema::OccasionDetails> details;
  std::optional<schema::KeyId> organizer;
  schema::Sequence last_event;
  std::uint16_t next_pool = 0;
  struct FrozenPool {
    Pool::Counts counts;
    NumberSet::Words::Frozen returned;
  };
  std::vector<FrozenPool> pools;
  ClaimTable::Frozen claims;
};

/// A state as it was at one moment. May be read, and dropped, on any thread.
struct FrozenState {
  std::vector<std::shared_ptr<const FrozenOccasion>> occasions;
  std::shared_ptr<const std::vector<Keys::value_type>> keys;
  Freezer::Reading reading;
};

/// Costs a pointer for each chunk of what changed since the last time, whatever is frozen: some
/// microseconds. On the owner's thread.
FrozenState freeze(const PartitionState& state);

/// Takes bytes in chunks of up to a few hundred kilobytes; false stops the writing.
using Sink = std::function<bool(std::string_view)>;

/// False where the sink stopped it.
bool write(const FrozenState& state, const Sink& sink);

struct SnapshotError {
  std::string message;  ///< what is wrong, and where
};

/// `bytes` are exactly what `write` wrote.
std::expected<PartitionState, SnapshotError> read(std::string_view bytes);

}  // namespace boxoffice::domain
