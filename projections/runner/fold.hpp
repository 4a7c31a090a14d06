#pragma once

#include <memory>
#include <vector>

#include "projections/runner/model.hpp"

namespace boxoffice::projections {

/// Some models and their tables, fed together: what is added goes into one chunk, and a chunk is
/// committed in one write with the positions of all its models. Models may stand at different
/// places; each takes only what is new to it. For one thread.
class Fold {
 public:
  struct Member {
    Model* model;
    std::shared_ptr<const Table> table;
  };

  /// Reads the positions from the tables; models have been loaded from them.
  static StoreResult<Fold> open(Store& store, std::vector<Member> members,
                                std::uint16_t partitions);

  /// How far all models are, of what was added.
  schema::Sequence folded(schema::Partition partition) const;
  /// How far the one is that is ahead of the others.
  schema::Sequence farthest(schema::Partition partition) const;
  /// How far one of them is, by partition.
  std::vector<schema::Sequence> positions_of(const Model& model) const;

  /// REQUIRES: the event is the next after `folded`.
  void add(const LoggedEvent& event);
  /// Events since the last commit.
  std::size_t pending() const { return pending_; }

  /// The chunk's rows become readable, and then what models show in memory. After an error nothing
  /// of it is; it may be committed again, and must be before more is added.
  StoreResult<void> commit();

  /// Another table takes the place of a model's. REQUIRES: nothing is pending, and the tables stand
  /// at the same positions.
  void replace(const Model& model, std::shared_ptr<const Table> table);

 private:
  struct Part {
    Member member;
    std::vector<schema::Sequence> positions;
  };

  Fold(Store& store, std::vector<Part> parts, std::uint16_t partitions);

  Store* store_;
  std::vector<Part> parts_;
  std::vector<bool> moved_;  // partitions of which something is pending
  Chunk chunk_;
  std::size_t pending_ = 0;
  bool complete_ = false;
};

}  // namespace boxoffice::projections
