#pragma once

#include <span>
#include <string>
#include <unordered_map>

#include "projections/queries.hpp"
#include "projections/runner/model.hpp"
#include "projections/shelf.hpp"

namespace boxoffice::projections {

/// What an occasion is. A row for each, by id; all views are in memory too.
///
///     row: 1 | id  →  position of the last event | the `OccasionCreated` that would make it what
///     it is now
class Occasions : public Model {
 public:
  using View = std::shared_ptr<const OccasionView>;

  std::string_view name() const override { return "occasions"; }
  int version() const override { return 1; }

  StoreResult<void> load(const Table& table) override;
  void apply(const LoggedEvent& event, Rows& rows) override;
  void complete(Rows& rows) override;
  void publish() override;

  View find(const schema::OccasionId& id) const { return published_.find(id); }

  static std::string key_of(const schema::OccasionId& id);
  static schema::OccasionId id_of(std::string_view key);

 private:
  void change(const LoggedEvent& event, schema::OccasionState state,
              const schema::OccasionDetails& details, std::optional<schema::KeyId> organizer);

  Shelf<schema::OccasionId, OccasionView> published_;
  // as of the chunk under way:
  std::unordered_map<schema::OccasionId, View, schema::IdHash> changed_;
};

}  // namespace boxoffice::projections
