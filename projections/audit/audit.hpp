#pragma once

#include <string>
#include <vector>

#include "projections/audit/concern.hpp"
#include "projections/audit/ended_claims.hpp"
#include "projections/runner/model.hpp"

namespace boxoffice::projections {

/// Where the events are that a person, a ticket … took part in. The events themselves stay on the
/// log; a row is a key alone.
///
///     row: dimension | hash of the value | partition | sequence  →
///
/// Values are hashed to eight bytes, which keeps rows short: whoever reads checks the event itself,
/// so that two values of one hash cost time and nothing else.
///
/// A refusal that names a claim alone is found by the claim's holder, too: EndedClaims.
class Audit : public Model {
 public:
  std::string_view name() const override { return "audit"; }
  int version() const override { return 2; }
  bool looked_up() const override { return false; }

  StoreResult<void> load(const Table&) override {
    ended_claims_.forget();
    return {};
  }
  void apply(const LoggedEvent& event, Rows& rows) override;
  StoreResult<void> look_up(const Table& table) override { return ended_claims_.look_up(table); }
  void complete(Rows& rows) override;
  void publish() override {}

  /// The prefixes of the rows of each value that `filter` names and that has rows. Empty: only
  /// reading all events will do.
  static std::vector<std::string> prefixes_of(const AuditFilter& filter);

 private:
  EndedClaims ended_claims_;
};

}  // namespace boxoffice::projections
