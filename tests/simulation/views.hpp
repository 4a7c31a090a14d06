#pragma once

#include <map>
#include <string>
#include <vector>

#include "projections/queries.hpp"
#include "tests/simulation/historian.hpp"
#include "tests/simulation/random.hpp"

namespace boxoffice::simulation {

/// What read models must answer, folded from history by an outsider who knows the contract and
/// nothing of how rows are kept: what is counted is counted anew each time, what is searched is
/// searched in the events' text.
class Views {
 public:
  explicit Views(const Historian& historian);

  /// Folds up to these sequences, by partition; back by beginning anew. REQUIRES: the historian has
  /// read them.
  void move_to(const std::vector<schema::Sequence>& applied);

  /// Asks for everything there is, and for some pages of the audit trail. Throws Violation where an
  /// answer differs.
  void check(const projections::Queries& models, Random& random) const;

 private:
  struct Ticket {
    enum class State { claimed, issued, burned } state = State::claimed;
  };
  struct Occasion {
    projections::OccasionView view;
    std::map<schema::TicketId, Ticket> gone;
    schema::Position last_event_about_it;  ///< refusals included
  };

  void fold(const Recorded& event);
  void fold_occasion(const Recorded& event, schema::OccasionState state,
                     const schema::OccasionDetails& details);
  void fold_claim(const Recorded& event);
  void fold_refusal(const Recorded& event);
  void fold_key(const Recorded& event);
  std::string availability_body(const Occasion& occasion) const;

  void check_occasions(const projections::Queries& models) const;
  void check_claims(const projections::Queries& models) const;
  void check_keys(const projections::Queries& models) const;
  void check_audit(const projections::Queries& models, Random& random) const;
  bool is_about(const projections::AuditFilter& filter, const Recorded& event) const;
  bool is_found_by(const projections::AuditFilter& filter, const Recorded& event) const;
  /// What some event or other has.
  projections::AuditFilter some_filter(Random& random) const;

  const Historian& historian_;
  std::vector<schema::Sequence> applied_;
  std::map<schema::OccasionId, Occasion> occasions_;
  std::map<schema::ClaimId, projections::ClaimView> claims_;
  std::map<schema::Position, projections::ClaimView> refused_after_end_;
  std::map<schema::KeyId, projections::KeyView> keys_;
  std::map<schema::KeyId, schema::Position> deleted_;
};

}  // namespace boxoffice::simulation
