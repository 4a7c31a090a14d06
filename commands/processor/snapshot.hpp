#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "commands/domain/snapshot.hpp"
#include "commands/processor/owned_partition.hpp"
#include "events-schema/envelope.hpp"

/// Snapshots of a partition's state. Only an optimisation: without them everything is read from the
/// log again. They may be larger than what a process should hold twice, so they are written piece
/// by piece.
namespace boxoffice::processor {

/// Where a state stands in the partition's order.
struct SnapshotHead {
  schema::Position position;
  schema::Digest hash;     ///< of the event at `position`
  schema::Instant time{};  ///< of that event
  std::optional<CommandMark> decided;
};

/// Hands bytes to a sink; false where the sink stopped it.
using WriteTo = std::function<bool(const domain::Sink&)>;

/// A snapshot's frame: a magic word with the version, the head, the state, the SHA-256 of all
/// before. False where the sink stopped it.
bool write_frame(const SnapshotHead& head, const WriteTo& state, const domain::Sink& sink);

struct Snapshot {
  SnapshotHead head;
  std::string_view state;  ///< within the frame
};
/// nullopt: damaged, cut short, or of another version.
std::optional<Snapshot> unframed(std::string_view frame);

/// Keeps the last frames of each partition. `save` may be called on another thread than the rest;
/// of one partition never two calls at once.
class SnapshotStore {
 public:
  struct Frame {
    std::string_view bytes;
    std::shared_ptr<const void> kept_by;  ///< whatever holds the bytes
  };

  virtual ~SnapshotStore() = default;

  /// Keeps what `frame` writes, durably and as a whole or not at all, and lets go of all but the
  /// last two. `frame` is called once, and destroyed as soon as it has written: it may hold much.
  /// False: it was not kept.
  virtual bool save(schema::Position position, WriteTo frame) = 0;
  /// Those that are there, the newest first.
  virtual std::vector<schema::Sequence> list(schema::Partition partition) = 0;
  virtual std::optional<Frame> read(schema::Position position) = 0;
};

}  // namespace boxoffice::processor
