#pragma once

#include <unordered_map>
#include <vector>

#include "projections/runner/model.hpp"

namespace boxoffice::projections {

/// Whose a claim is, and of what ticket.
struct ClaimHolder {
  schema::PersonId person;
  schema::TicketId ticket;
};

/// A refusal whose event names a claim and not its holder: who decided no longer knew, for the
/// claim had ended. nullptr: the event is none.
const schema::ClaimId* claim_refused_unnamed(const schema::Event& event);

/// Who held the claims that have ended, so that what was refused to their holders afterwards is
/// found by them.
///
///     row: 6 | claim                 →  person | ticket, of its last end
///     row: 7 | partition | sequence  →  person | ticket, which the refusal there does not say
///
/// A claim's id can live twice (the key that it is made of was forgotten meanwhile), so a refusal
/// keeps its holder: what comes later does not change its row.
class EndedClaims {
 public:
  void apply(const LoggedEvent& event, Rows& rows);

  /// Reads the holders of what was refused in this chunk and ended before it.
  StoreResult<void> look_up(const Table& table);

  struct Refusal {
    schema::Position position;
    ClaimHolder holder;
  };
  /// All refusals of the chunk whose holders are known; the next chunk begins.
  std::vector<Refusal> complete(Rows& rows);
  void forget();

  /// Of a refusal that does not say it; nullopt: nobody's that is known.
  static StoreResult<std::optional<ClaimHolder>> holder_refused(const Table& table,
                                                                schema::Position position);

 private:
  struct Unnamed {
    schema::ClaimId claim;
    schema::OccasionId occasion;
    schema::Position position;
  };

  void ends(const schema::ClaimId& claim, const ClaimHolder& holder, Rows& rows);
  void is_refused(const Unnamed& refusal);
  void add(const Unnamed& refusal, const ClaimHolder& holder);

  std::unordered_map<schema::ClaimId, ClaimHolder, schema::IdHash> ended_;  // in this chunk
  std::vector<Unnamed> to_look_up_;  // ended before this chunk, or never
  std::vector<Refusal> found_;
};

}  // namespace boxoffice::projections
