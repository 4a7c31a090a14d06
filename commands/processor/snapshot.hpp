#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "events-schema/envelope.hpp"

/// Snapshots of a partition's state. Only an optimisation: without them everything is read from the
/// log again.
namespace boxoffice::processor {

/// Where a state stands in the partition's order, and the state as the domain writes it.
struct Snapshot {
  schema::Position position;
  schema::Digest hash;     ///< of the event at `position`
  schema::Instant time{};  ///< of that event
  std::string state;
};

/// The framed bytes of a snapshot: a magic word with the version, the head, the state's length, the
/// state, the SHA-256 of all before.
std::string framed(const Snapshot& snapshot);
/// nullopt: damaged, cut short, or of another version.
std::optional<Snapshot> unframed(std::string_view frame);

/// Keeps the last frames of each partition. `save` may be called on another thread than the rest,
/// never two calls at once.
class SnapshotStore {
 public:
  virtual ~SnapshotStore() = default;

  /// Keeps `frame`, durably and as a whole or not at all, and lets go of all but the last two.
  /// False: it was not kept.
  virtual bool save(schema::Position position, std::string_view frame) = 0;
  /// Those that are there, the newest first.
  virtual std::vector<schema::Sequence> list(schema::Partition partition) = 0;
  virtual std::optional<std::string> read(schema::Position position) = 0;
};

}  // namespace boxoffice::processor
