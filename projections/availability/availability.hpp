#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "projections/queries.hpp"
#include "projections/runner/model.hpp"
#include "projections/shelf.hpp"

namespace boxoffice::projections {

/// What has become of a pool's tickets. `free + claimed + issued + burned = capacity`.
struct PoolCounts {
  std::string name;
  std::uint32_t capacity = 0;
  std::uint32_t claimed = 0;
  std::uint32_t issued = 0;
  std::uint32_t burned = 0;

  std::uint32_t free() const { return capacity - claimed - issued - burned; }
};

struct OccasionCounts {
  schema::OccasionState state{};
  Position last_event;
  std::vector<PoolCounts> pools;
  bool touched = false;  ///< by the chunk under way
};

/// The body of the answer to GET availability.
std::string availability_body(const OccasionCounts& counts);

/// How many tickets are free. Counted in memory; rows and bodies are written once a chunk for each
/// occasion that it touched.
///
///     row: 1 | occasion  →  state | position of the last event | pools
class Availability : public Model {
 public:
  std::string_view name() const override { return "availability"; }
  int version() const override { return 1; }

  StoreResult<void> load(const Table& table) override;
  void apply(const LoggedEvent& event, Rows& rows) override;
  void complete(Rows& rows) override;
  void publish() override;

  std::shared_ptr<const AvailabilityView> find(const schema::OccasionId& id) const {
    return published_.find(id);
  }

 private:
  using Counts = std::unordered_map<schema::OccasionId, OccasionCounts, schema::IdHash>;

  /// The counts that the event moves; nullptr where it is about no occasion that exists.
  OccasionCounts* touch(const LoggedEvent& event);
  void resize(const LoggedEvent& event, schema::OccasionState state,
              const std::vector<schema::Pool>& pools);
  void publish(const schema::OccasionId& id, const OccasionCounts& counts);

  Counts counts_;
  std::vector<Counts::value_type*> touched_;
  Shelf<schema::OccasionId, AvailabilityView> published_;
};

}  // namespace boxoffice::projections
