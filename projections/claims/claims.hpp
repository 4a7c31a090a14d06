#pragma once

#include <optional>
#include <string_view>

#include "projections/queries.hpp"
#include "projections/runner/model.hpp"

namespace boxoffice::projections {

/// A claim's row, as it is kept.
struct ClaimRow {
  ClaimState state{};
  Position last_event;
  schema::OccasionId occasion;
  schema::PersonId person;
  schema::TicketPlace place;
  Instant expires_at{};
};
std::optional<ClaimRow> claim_row_from(std::string_view row);

/// Who claimed what, and what came of it. Nothing is kept in memory, and nothing is read to write:
/// what comes of a claim overwrites the head of its row.
///
///     row: 1 | claim  →  state | position of the last event || occasion | person | pool | number |
///     expires at
class Claims : public Model {
 public:
  std::string_view name() const override { return "claims"; }
  int version() const override { return 1; }

  StoreResult<void> load(const Table&) override { return {}; }
  void apply(const LoggedEvent& event, Rows& rows) override;
  void complete(Rows&) override {}
  void publish() override {}

  static std::string key_of(const schema::ClaimId& id);
};

}  // namespace boxoffice::projections
