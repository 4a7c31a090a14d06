#pragma once

#include <optional>

#include "projections/queries.hpp"

/// Whom and what an event is about, as far as the audit trail can be asked for it.
namespace boxoffice::projections {

struct Concern {
  std::optional<schema::OccasionId> occasion;
  std::optional<schema::PersonId> person;
  std::optional<schema::TicketId> ticket;
};

Concern concern_of(const schema::Envelope& envelope, const schema::Event& event);

/// Nobody known asked. Most commands have this actor, so it has no index.
inline constexpr std::string_view kAnonymous = "anonymous";

/// Without the prefix `boxoffice.`.
std::string_view bare_type(std::string_view type);

/// The one definition of what a filter lets through; indexes only find it faster. `concern` is what
/// the event says, and what is known besides.
bool matches(const AuditFilter& filter, const schema::Envelope& envelope,
             const schema::Event& event, const Concern& concern);

}  // namespace boxoffice::projections
