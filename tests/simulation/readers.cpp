#include "tests/simulation/readers.hpp"

#include <algorithm>

#include "tests/simulation/violation.hpp"

namespace boxoffice::simulation {

void Readers::want(const processor::Outcome& outcome) {
  const event_log::CommittedEvent& told = outcome.deciding_event();
  readings_.push_back(std::make_shared<Reading>(
      Reading{told.envelope.position, told.envelope.subject, told.event}));
}

void Readers::ask(const projections::Queries& models) {
  for (const auto& reading : readings_) {
    if (reading->state != Reading::State::thinking) continue;
    reading->state = Reading::State::waiting;
    const auto much_later = std::chrono::steady_clock::now() + std::chrono::hours(24);
    models.when_reached({reading->position}, much_later, [reading, &models](bool reached) {
      reading->state = reached ? Reading::State::satisfied : Reading::State::thinking;
      if (reached) look(*reading, models);
    });
  }
}

void Readers::look(const Reading& reading, const projections::Queries& models) {
  const auto expect = [&](bool fact, const char* what) { demand(fact, reading.position, what); };
  expect(models.reached(reading.position), "the models are not where they say they are");
  const auto occasion = *schema::id_from_text<schema::OccasionId>(reading.subject);
  const auto seen_claim = [&](const schema::ClaimId& id) {
    const auto claim = models.claim(occasion, id);
    expect(claim && *claim && (*claim)->last_event >= reading.position,
           "a claim is not read back by who made it");
    const auto availability = models.availability(occasion);
    expect(availability && availability->position >= reading.position,
           "a claim is not counted for who made it");
  };
  const auto seen_occasion = [&] {
    const auto view = models.occasion(occasion);
    expect(view && view->last_event >= reading.position,
           "a change of an occasion is not read back by who made it");
  };
  std::visit(domain::Overloaded{
                 [&](const schema::TicketClaimed& it) { seen_claim(it.claim); },
                 [&](const schema::ClaimConfirmed& it) { seen_claim(it.claim); },
                 [&](const schema::ClaimReleased& it) { seen_claim(it.claim); },
                 [&](const schema::OccasionCreated&) { seen_occasion(); },
                 [&](const schema::OccasionChanged&) { seen_occasion(); },
                 [&](const schema::OccasionOpened&) { seen_occasion(); },
                 [&](const schema::OccasionClosed&) { seen_occasion(); },
                 [&](const schema::OccasionCancelled&) { seen_occasion(); },
                 [&](const schema::KeyDeleted&) {
                   const auto key = *schema::id_from_text<schema::KeyId>(reading.subject);
                   expect(!models.key(key), "a deleted key works for who deleted it");
                 },
                 [](const auto&) {},
             },
             reading.event);
}

bool Readers::all_have_read() const {
  return std::ranges::all_of(
      readings_, [](const auto& reading) { return reading->state == Reading::State::satisfied; });
}

}  // namespace boxoffice::simulation
