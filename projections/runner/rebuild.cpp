#include "projections/runner/rebuild.hpp"

#include <fmt/format.h>

namespace boxoffice::projections {
namespace {

StoreError stopped() { return {StoreErrorKind::unavailable, "stopped; what was made is dropped"}; }

}  // namespace

Rebuild::Rebuild(event_log::Log& log, Store& store, Runner& runner, Model& live,
                 std::unique_ptr<Model> fresh, std::stop_token stop)
    : store_(store),
      runner_(runner),
      live_(live),
      stop_(std::move(stop)),
      fresh_(std::move(fresh)),
      partitions_(log.partitions()),
      cursors_(log) {}

Rebuild::~Rebuild() { store_.drop_beside(live_.name()); }

StoreResult<void> Rebuild::catch_up(std::span<const schema::Sequence> to) {
  const auto commit = [this](schema::Instant) -> StoreResult<bool> {
    if (stop_.stop_requested()) return std::unexpected(stopped());
    if (auto committed = fold_->commit(); !committed)
      return std::unexpected(std::move(committed.error()));
    return true;
  };
  for (std::uint16_t partition = 0; partition < partitions_; ++partition) {
    auto done = cursors_.run({partition}, to[partition], *fold_, commit);
    if (!done) return std::unexpected(std::move(done.error()));
  }
  if (stop_.stop_requested()) return std::unexpected(stopped());
  if (auto committed = fold_->commit(); !committed) return committed;
  for (std::uint16_t partition = 0; partition < partitions_; ++partition)
    if (fold_->folded({partition}) != to[partition])
      return std::unexpected(
          StoreError{StoreErrorKind::corrupt,
                     fmt::format("the log ends before {}, which the live rows have seen",
                                 schema::to_text(schema::Position{{partition}, to[partition]}))});
  return {};
}

StoreResult<void> Rebuild::run(const std::function<StoreResult<void>(Fold& live)>& then) {
  auto table = store_.make_beside(live_.name());
  if (!table) return std::unexpected(std::move(table.error()));
  table_ = std::move(*table);
  auto fold = Fold::open(store_, {{fresh_.get(), table_}}, partitions_);
  if (!fold) return std::unexpected(std::move(fold.error()));
  fold_.emplace(std::move(*fold));

  // The bulk of it while the live model goes on; only what came meanwhile holds it up.
  std::vector<schema::Sequence> there;
  auto looked = runner_.between_chunks([&](Fold& live) -> StoreResult<void> {
    there = live.positions_of(live_);
    return {};
  });
  if (!looked) return looked;
  if (auto done = catch_up(there); !done) return done;

  return runner_.between_chunks([&](Fold& live) -> StoreResult<void> {
    if (auto done = catch_up(live.positions_of(live_)); !done) return done;
    return then(live);
  });
}

StoreResult<void> Rebuild::swap_in(Fold& live) {
  if (auto swapped = store_.swap_in(live_.name()); !swapped) return swapped;
  live.replace(live_, table_);
  return live_.load(*table_);
}

}  // namespace boxoffice::projections
