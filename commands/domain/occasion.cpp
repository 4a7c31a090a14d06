#include "commands/domain/occasion.hpp"

#include <algorithm>

#include "events-schema/occasion_steps.hpp"

namespace boxoffice::domain {
namespace {

using schema::OccasionRefusal;
using schema::OccasionState;
using schema::OccasionStep;

/// A refusal with the field that it is about.
struct Misfit {
  OccasionRefusal refusal;
  std::string field;
};

/// What stands against any command about an occasion that is there already.
template <class Command>
std::optional<OccasionRefusal> objection(const Occasion* occasion, const Command& command,
                                         const Asked& asked) {
  if (asked.too_late()) return OccasionRefusal::too_late;
  if (occasion == nullptr) return OccasionRefusal::unknown_occasion;
  if (command.if_match && *command.if_match != occasion->last_event)
    return OccasionRefusal::precondition_failed;
  if (occasion->state == OccasionState::cancelled) return OccasionRefusal::cancelled;
  return std::nullopt;
}

std::optional<OccasionRefusal> objection_to_step(OccasionState state, OccasionStep step) {
  const bool closed = state == OccasionState::closed || state == OccasionState::finalized;
  switch (step) {
    case OccasionStep::open:
      if (state == OccasionState::open) return OccasionRefusal::already_open;
      if (state == OccasionState::finalized) return OccasionRefusal::already_closed;
      return std::nullopt;
    case OccasionStep::close:
      if (state == OccasionState::draft) return OccasionRefusal::not_open;
      if (closed) return OccasionRefusal::already_closed;
      return std::nullopt;
    case OccasionStep::cancel:
      return std::nullopt;
  }
  return std::nullopt;
}

OccasionState state_after(OccasionStep step) {
  switch (step) {
    case OccasionStep::open:
      return OccasionState::open;
    case OccasionStep::close:
      return OccasionState::closed;
    case OccasionStep::cancel:
      break;
  }
  return OccasionState::cancelled;
}

/// Pools may be added and resized; those that are there keep their names and their order, for
/// tickets are named by them.
std::optional<Misfit> objection_to_pools(const Occasion& occasion,
                                         const std::vector<schema::Pool>& wanted) {
  const std::vector<schema::Pool>& present = occasion.details->pools;
  const auto pointer = [](std::size_t pool, std::string_view member) {
    return "/pools/" + std::to_string(pool) + std::string(member);
  };
  if (wanted.size() < present.size()) return Misfit{OccasionRefusal::pools_fixed, "/pools"};
  for (std::size_t i = 0; i < present.size(); ++i)
    if (wanted[i].name != present[i].name)
      return Misfit{OccasionRefusal::pools_fixed, pointer(i, "/name")};
  for (std::size_t i = 0; i < present.size(); ++i)
    if (wanted[i].capacity < occasion.pools[i].committed())
      return Misfit{OccasionRefusal::below_committed, pointer(i, "/capacity")};
  return std::nullopt;
}

/// What stands against the details that a change would make of the occasion's.
std::optional<Misfit> objection_to_details(const Occasion& occasion,
                                           const schema::OccasionDetails& details) {
  if (auto misfit = objection_to_pools(occasion, details.pools)) return misfit;
  if (auto problem = problem_of(details))
    return Misfit{problem->refusal, std::move(problem->pointer)};
  return std::nullopt;
}

}  // namespace

Decision decide(const Occasion* occasion, const schema::CreateOccasion& command,
                const Asked& asked) {
  const auto refuse = [&](OccasionRefusal refusal,
                          std::optional<std::string> field = std::nullopt) {
    return asked.answer(schema::OccasionCreationRefused{.organizer = command.organizer,
                                                        .details = command.details,
                                                        .refusal = refusal,
                                                        .field = std::move(field),
                                                        .ip = command.ip});
  };
  if (asked.too_late()) return refuse(OccasionRefusal::too_late);
  // Its id derives from the command's, so this is a repeat that came when nobody remembered it.
  if (occasion != nullptr) return refuse(OccasionRefusal::already_made);
  if (auto problem = problem_of(command.details))
    return refuse(problem->refusal, std::move(problem->pointer));

  return asked.answer(schema::OccasionCreated{.organizer = command.organizer,
                                              .details = command.details,
                                              .state = OccasionState::draft,
                                              .ip = command.ip});
}

Decision decide(const Occasion* occasion, const schema::StepOccasion& command, const Asked& asked) {
  auto refusal = objection(occasion, command, asked);
  if (!refusal) refusal = objection_to_step(occasion->state, command.step);
  if (refusal)
    return asked.answer(schema::OccasionStepRefused{
        .step = command.step, .if_match = command.if_match, .refusal = *refusal, .ip = command.ip});

  return asked.answer(
      schema::occasion_stepped(command, *occasion->details, state_after(command.step)));
}

Decision decide(const Occasion* occasion, const schema::ChangeOccasion& command,
                const Asked& asked) {
  const auto refuse = [&](OccasionRefusal refusal,
                          std::optional<std::string> field = std::nullopt) {
    return asked.answer(schema::OccasionChangeRefused{.change = command.change,
                                                      .if_match = command.if_match,
                                                      .refusal = refusal,
                                                      .field = std::move(field),
                                                      .ip = command.ip});
  };
  if (const auto refusal = objection(occasion, command, asked)) return refuse(*refusal);
  if (occasion->state == OccasionState::finalized) return refuse(OccasionRefusal::already_closed);

  schema::OccasionDetails details = merged(*occasion->details, command.change);
  if (auto misfit = objection_to_details(*occasion, details))
    return refuse(misfit->refusal, std::move(misfit->field));

  return asked.answer(schema::OccasionChanged{.change = command.change,
                                              .if_match = command.if_match,
                                              .details = std::move(details),
                                              .state = occasion->state,
                                              .ip = command.ip});
}

void evolve(Occasion& occasion, const schema::OccasionCreated& event, schema::Sequence sequence,
            const Freezer& freezer) {
  occasion.state = event.state;
  occasion.organizer = event.organizer;
  occasion.last_event = sequence;
  occasion.adopt(event.details, freezer);
}

void evolve(Occasion& occasion, const schema::OccasionChanged& event, schema::Sequence sequence,
            const Freezer& freezer) {
  occasion.state = event.state;
  occasion.last_event = sequence;
  occasion.adopt(event.details, freezer);
}

void Occasion::adopt(const schema::OccasionDetails& decided, const Freezer& freezer) {
  details = std::make_shared<const schema::OccasionDetails>(decided);
  for (std::size_t i = 0; i < decided.pools.size(); ++i) {
    const auto capacity = static_cast<std::uint32_t>(decided.pools[i].capacity);
    if (i < pools.size())
      pools[i].resize(capacity);
    else
      pools.emplace_back(capacity, freezer);
  }
  const auto& policy = decided.claims;
  claims.look_up_by(policy && policy->one_per_email, policy && policy->one_per_ip);
}

std::optional<schema::TicketPlace> Occasion::next_ticket(
    std::span<const schema::TicketPlace> coming_back) const {
  for (std::size_t turn = 0; turn < pools.size(); ++turn) {
    const auto index = static_cast<std::uint16_t>((next_pool + turn) % pools.size());
    const Pool& pool = pools[index];
    const bool any_back = std::ranges::any_of(
        coming_back, [&](schema::TicketPlace place) { return place.pool == index; });
    if (pool.free() == 0 && !any_back) continue;
    schema::TicketPlace ticket{.pool = index, .number = pool.next_number()};
    for (const schema::TicketPlace place : coming_back)
      if (place.pool == index) ticket.number = std::min(ticket.number, place.number);
    return ticket;
  }
  return std::nullopt;
}

std::size_t Occasion::memory_bytes() const {
  std::size_t bytes = sizeof *this + sizeof *details + claims.memory_bytes();
  for (const Pool& pool : pools) bytes += sizeof pool + pool.returned().memory_bytes();
  return bytes;
}

}  // namespace boxoffice::domain
