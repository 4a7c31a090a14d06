#include "projections/runner/fold.hpp"

#include <algorithm>

#include "event-log/require.hpp"

namespace boxoffice::projections {

using event_log::require;

Fold::Fold(Store& store, std::vector<Part> parts, std::uint16_t partitions)
    : store_(&store), parts_(std::move(parts)), moved_(partitions) {}

StoreResult<Fold> Fold::open(Store& store, std::vector<Member> members, std::uint16_t partitions) {
  std::vector<Part> parts;
  for (Member& member : members) {
    auto positions = member.table->positions(partitions);
    if (!positions) return std::unexpected(std::move(positions.error()));
    parts.push_back({std::move(member), std::move(*positions)});
  }
  return Fold(store, std::move(parts), partitions);
}

schema::Sequence Fold::folded(schema::Partition partition) const {
  schema::Sequence least = parts_.front().positions[partition.value];
  for (const Part& part : parts_) least = std::min(least, part.positions[partition.value]);
  return least;
}

schema::Sequence Fold::farthest(schema::Partition partition) const {
  schema::Sequence most = parts_.front().positions[partition.value];
  for (const Part& part : parts_) most = std::max(most, part.positions[partition.value]);
  return most;
}

std::vector<schema::Sequence> Fold::positions_of(const Model& model) const {
  const auto part = std::find_if(parts_.begin(), parts_.end(), [&](const Part& candidate) {
    return candidate.member.model == &model;
  });
  require(part != parts_.end(), "the model is one of the fold's");
  return part->positions;
}

void Fold::add(const LoggedEvent& event) {
  const auto [partition, sequence] = event.position();
  require(!complete_, "a chunk that failed is committed before more is added");
  require(sequence == folded(partition).next(), "events are folded in sequence");
  for (Part& part : parts_) {
    schema::Sequence& reached = part.positions[partition.value];
    if (reached >= sequence) continue;
    Rows rows(chunk_, *part.member.table);
    part.member.model->apply(event, rows);
    reached = sequence;
  }
  moved_[partition.value] = true;
  ++pending_;
}

StoreResult<void> Fold::commit() {
  if (pending_ == 0) return {};
  if (!complete_) {
    for (Part& part : parts_)
      if (auto looked = part.member.model->look_up(*part.member.table); !looked) return looked;
    for (Part& part : parts_) {
      Rows rows(chunk_, *part.member.table);
      part.member.model->complete(rows);
      for (std::uint16_t partition = 0; partition < moved_.size(); ++partition)
        if (moved_[partition])
          chunk_.put_position(*part.member.table, {{partition}, part.positions[partition]});
    }
    complete_ = true;
  }
  if (auto committed = store_->commit(chunk_); !committed) return committed;
  chunk_.clear();
  std::fill(moved_.begin(), moved_.end(), false);
  pending_ = 0;
  complete_ = false;
  for (Part& part : parts_) part.member.model->publish();
  return {};
}

void Fold::replace(const Model& model, std::shared_ptr<const Table> table) {
  require(pending_ == 0, "tables are replaced between chunks");
  for (Part& part : parts_)
    if (part.member.model == &model) part.member.table = std::move(table);
}

}  // namespace boxoffice::projections
