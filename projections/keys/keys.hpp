#pragma once

#include <string>
#include <unordered_map>

#include "projections/queries.hpp"
#include "projections/runner/model.hpp"
#include "projections/shelf.hpp"

namespace boxoffice::projections {

/// The API keys that work. A row for each, by id; all of them are in memory too, for every request
/// asks.
///
///     row: 1 | id  →  position of the last event | role | hash | created | last used, 0: never |
///     name | occasion, if it has one
class Keys : public Model {
 public:
  using View = std::shared_ptr<const KeyView>;

  std::string_view name() const override { return "keys"; }
  int version() const override { return 1; }

  StoreResult<void> load(const Table& table) override;
  void apply(const LoggedEvent& event, Rows& rows) override;
  void complete(Rows& rows) override;
  void publish() override;

  View find(const schema::KeyId& id) const { return published_.find(id); }

  static std::string key_of(const schema::KeyId& id);
  static schema::KeyId id_of(std::string_view key);

 private:
  Shelf<schema::KeyId, KeyView> published_;
  // as of the chunk under way; nullptr: deleted
  std::unordered_map<schema::KeyId, View, schema::IdHash> changed_;
};

}  // namespace boxoffice::projections
