#pragma once

#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "projections/runner/runner.hpp"

namespace boxoffice::projections {

/// What a table holds, without its positions.
struct Census {
  std::uint64_t rows = 0;
  schema::Digest hash;  ///< over all keys and values, in order

  bool operator==(const Census&) const = default;
};

struct RebuildReport {
  std::string model;
  int version = 0;
  Census census;
  bool swapped = false;
};

struct DiffReport {
  std::string model;
  int version = 0;
  Census live;
  Census rebuilt;
  std::uint64_t differing_rows = 0;          ///< only in one, or with another value
  std::vector<std::string> first_differing;  ///< some keys, in hex

  bool same() const { return live == rebuilt; }
};

/// Both look at every row, and end early, with an error, once `stop` asks for it.
StoreResult<Census> census_of(const Table& table, std::shared_ptr<const Moment> as_of = nullptr,
                              const std::stop_token& stop = {});
StoreResult<DiffReport> compare(const Table& live, const Table& rebuilt,
                                std::shared_ptr<const Moment> as_of,
                                const std::stop_token& stop = {});

/// Makes a model's rows again, beside the live ones and while these are read and written. One at a
/// time for each model.
class Rebuild {
 public:
  /// `fresh` and `live` are of one model. `stop` ends it early, with an error.
  Rebuild(event_log::Log& log, Store& store, Runner& runner, Model& live,
          std::unique_ptr<Model> fresh, std::stop_token stop = {});
  /// What was not swapped in is dropped.
  ~Rebuild();

  /// To where the live model is when it returns; then calls `then` before the live one goes on.
  StoreResult<void> run(const std::function<StoreResult<void>(Fold& live)>& then);

  /// REQUIRES: within `then`.
  StoreResult<void> swap_in(Fold& live);

  const Table& table() const { return *table_; }

 private:
  StoreResult<void> catch_up(std::span<const schema::Sequence> to);

  Store& store_;
  Runner& runner_;
  Model& live_;
  const std::stop_token stop_;
  const std::unique_ptr<Model> fresh_;
  const std::uint16_t partitions_;
  CatchUp cursors_;
  std::shared_ptr<const Table> table_;
  std::optional<Fold> fold_;
};

}  // namespace boxoffice::projections
