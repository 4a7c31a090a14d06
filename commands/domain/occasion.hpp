#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "commands/domain/claim_table.hpp"
#include "commands/domain/decision.hpp"
#include "commands/domain/occasion_details.hpp"
#include "commands/domain/pool.hpp"
#include "events-schema/occasion_steps.hpp"

/// Occasions: made, opened, closed, cancelled, changed. Who may hold a ticket is in claims.hpp.
namespace boxoffice::domain {

/// The state of an occasion.
struct Occasion {
  /// `freezer` must outlive the occasion.
  Occasion(const schema::OccasionId& id, const Freezer& freezer) : id(id), claims(freezer) {}

  schema::OccasionId id;
  schema::OccasionState state = schema::OccasionState::draft;
  /// Never changed, only replaced: frozen copies share it.
  std::shared_ptr<const schema::OccasionDetails> details;
  std::optional<schema::KeyId> organizer;
  /// Of the last event about the occasion itself: its ETag.
  schema::Sequence last_event;
  std::vector<Pool> pools;
  /// Whose turn it is: claims go round robin over the pools that have something free.
  std::uint16_t next_pool = 0;
  ClaimTable claims;

  /// The ticket to give out next, where those `coming_back` are free, too; nullopt: none is free.
  std::optional<schema::TicketPlace> next_ticket(
      std::span<const schema::TicketPlace> coming_back = {}) const;

  /// Takes over details that were decided, and what follows from them.
  void adopt(const schema::OccasionDetails& decided, const Freezer& freezer);

  std::size_t memory_bytes() const;
};

// Where there is no occasion of that id, `occasion` is nullptr.
Decision decide(const Occasion* occasion, const schema::CreateOccasion& command, const Asked&);
Decision decide(const Occasion* occasion, const schema::StepOccasion& command, const Asked&);
Decision decide(const Occasion* occasion, const schema::ChangeOccasion& command, const Asked&);

void evolve(Occasion& occasion, const schema::OccasionCreated&, schema::Sequence, const Freezer&);
void evolve(Occasion& occasion, const schema::OccasionStepped auto& event,
            schema::Sequence sequence) {
  occasion.state = event.state;
  occasion.last_event = sequence;
}
void evolve(Occasion& occasion, const schema::OccasionChanged&, schema::Sequence, const Freezer&);

}  // namespace boxoffice::domain
