#include <algorithm>

#include "commands/domain/partition.hpp"
#include "commands/domain/require.hpp"
#include "events-schema/occasion_steps.hpp"

namespace boxoffice::domain {
namespace {

using namespace schema;

template <class Event>
CreateKey key_creation(const Event& e) {
  return {.name = e.name, .role = e.role, .occasion = e.occasion, .hash = e.hash, .ip = e.ip};
}

bool is_timer(const Event& event) { return std::holds_alternative<ClaimExpired>(event); }

Command command_of(const Event& outcome) {
  return std::visit(
      Overloaded{
          [](const OccasionCreated& e) -> Command {
            return CreateOccasion{.organizer = e.organizer, .details = e.details, .ip = e.ip};
          },
          [](const OccasionCreationRefused& e) -> Command {
            return CreateOccasion{.organizer = e.organizer, .details = e.details, .ip = e.ip};
          },
          [](const OccasionStepped auto& e) -> Command {
            return StepOccasion{.step = step_of(e), .if_match = e.if_match, .ip = e.ip};
          },
          [](const OccasionStepRefused& e) -> Command {
            return StepOccasion{.step = e.step, .if_match = e.if_match, .ip = e.ip};
          },
          [](const OccasionChanged& e) -> Command {
            return ChangeOccasion{.change = e.change, .if_match = e.if_match, .ip = e.ip};
          },
          [](const OccasionChangeRefused& e) -> Command {
            return ChangeOccasion{.change = e.change, .if_match = e.if_match, .ip = e.ip};
          },
          [](const TicketClaimed& e) -> Command {
            return ClaimTicket{
                .claim = e.claim, .person = e.person, .ip = e.ip, .address = e.address};
          },
          [](const ClaimRefused& e) -> Command {
            return ClaimTicket{.claim = e.claim, .person = e.person, .ip = e.ip, .address = {}};
          },
          [](const ClaimConfirmed& e) -> Command {
            return ConfirmClaim{.claim = e.claim, .ip = e.ip};
          },
          [](const ConfirmationRefused& e) -> Command {
            return ConfirmClaim{.claim = e.claim, .ip = e.ip};
          },
          [](const ClaimReleased& e) -> Command {
            return ReleaseClaim{.claim = e.claim, .ip = e.ip};
          },
          [](const ReleaseRefused& e) -> Command {
            return ReleaseClaim{.claim = e.claim, .ip = e.ip};
          },
          [](const KeyCreated& e) -> Command { return key_creation(e); },
          [](const KeyCreationRefused& e) -> Command { return key_creation(e); },
          [](const KeyDeleted& e) -> Command { return DeleteKey{.ip = e.ip}; },
          [](const KeyDeletionRefused& e) -> Command { return DeleteKey{.ip = e.ip}; },
          [](const KeyUsed&) -> Command { return RecordKeyUse{}; },
          [](const KeyUseRefused&) -> Command { return RecordKeyUse{}; },
          [](const SealedDataOpened& e) -> Command {
            return OpenSealedData{.filter = e.filter, .ip = e.ip};
          },
          [](const SealedDataRefused& e) -> Command {
            return OpenSealedData{.filter = e.filter, .ip = e.ip};
          },
          // No command's outcomes.
          [](const ClaimExpired&) -> Command { std::abort(); },
          [](const LogAdopted&) -> Command { std::abort(); },
          [](const CommandsSkipped&) -> Command { std::abort(); },
      },
      outcome);
}

}  // namespace

schema::Command rebuild(const Decision& events) {
  const auto outcome = std::find_if(events.rbegin(), events.rend(),
                                    [](const Decided& e) { return !is_timer(e.event); });
  require(outcome != events.rend());
  return command_of(outcome->event);
}

}  // namespace boxoffice::domain
