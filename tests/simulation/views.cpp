#include "tests/simulation/views.hpp"

#include <algorithm>

#include "commands/domain/decision.hpp"
#include "events-schema/occasion_steps.hpp"

namespace boxoffice::simulation {

using projections::ClaimState;
using schema::Position;
using schema::Sequence;

namespace {

template <class IdType>
IdType subject_of(const Recorded& event) {
  return *schema::id_from_text<IdType>(event.envelope.subject);
}

std::string counts(std::int64_t capacity, std::int64_t claimed, std::int64_t issued,
                   std::int64_t burned) {
  const auto member = [](const char* name, std::int64_t value) {
    return "\"" + std::string(name) + "\":" + std::to_string(value);
  };
  return member("capacity", capacity) + "," + member("free", capacity - claimed - issued - burned) +
         "," + member("claimed", claimed) + "," + member("issued", issued) + "," +
         member("admitted", 0) + "," + member("burned", burned);
}

}  // namespace

Views::Views(const Historian& historian)
    : historian_(historian), applied_(historian.partitions()) {}

void Views::move_to(const std::vector<Sequence>& applied) {
  if (!std::ranges::equal(applied_, applied, std::ranges::less_equal())) {
    occasions_.clear();
    claims_.clear();
    refused_after_end_.clear();
    keys_.clear();
    deleted_.clear();
    applied_.assign(applied.size(), {});
  }
  for (std::uint16_t i = 0; i < applied.size(); ++i)
    while (applied_[i] < applied[i]) {
      applied_[i] = applied_[i].next();
      fold(historian_.at({{i}, applied_[i]}));
    }
}

void Views::fold(const Recorded& event) {
  const auto topic = schema::topic_of(event.event);
  if (topic == schema::Topic::accounts) return fold_key(event);
  if (topic != schema::Topic::occasions && topic != schema::Topic::claims) return;
  std::visit(
      [&]<class Data>(const Data& it) {
        if constexpr (std::same_as<Data, schema::OccasionCreated>) {
          occasions_[subject_of<schema::OccasionId>(event)].view.organizer = it.organizer;
          fold_occasion(event, it.state, it.details);
        } else if constexpr (std::same_as<Data, schema::OccasionChanged> ||
                             schema::OccasionStepped<Data>) {
          fold_occasion(event, it.state, it.details);
        }
      },
      event.event);
  fold_claim(event);
  fold_refusal(event);
  const auto about = occasions_.find(subject_of<schema::OccasionId>(event));
  if (about != occasions_.end()) about->second.last_event_about_it = event.position();
}

void Views::fold_occasion(const Recorded& event, schema::OccasionState state,
                          const schema::OccasionDetails& details) {
  const auto id = subject_of<schema::OccasionId>(event);
  projections::OccasionView& view = occasions_[id].view;
  view.id = id;
  view.state = state;
  view.details = details;
  view.last_event = event.position();
}

void Views::fold_claim(const Recorded& event) {
  const auto id = subject_of<schema::OccasionId>(event);
  const auto becomes = [&](const auto& it, ClaimState state) {
    claims_[it.claim].state = state;
    claims_[it.claim].last_event = event.position();
  };
  std::visit(domain::Overloaded{
                 [&](const schema::TicketClaimed& it) {
                   claims_[it.claim] = {.occasion = id,
                                        .id = it.claim,
                                        .person = it.person,
                                        .ticket = it.ticket,
                                        .pool = it.pool,
                                        .number = static_cast<std::uint32_t>(it.number),
                                        .expires_at = it.expires_at};
                   becomes(it, ClaimState::held);
                   occasions_[id].gone[it.ticket] = {};
                 },
                 [&](const schema::ClaimConfirmed& it) {
                   becomes(it, ClaimState::confirmed);
                   occasions_[id].gone[it.ticket] = {Ticket::State::issued};
                 },
                 [&](const schema::ClaimReleased& it) {
                   becomes(it, ClaimState::released);
                   occasions_[id].gone.erase(it.ticket);
                 },
                 [&](const schema::ClaimExpired& it) {
                   becomes(it, ClaimState::expired);
                   occasions_[id].gone.erase(it.ticket);
                   if (it.became == schema::ExpiredTicket::burned)
                     occasions_[id].gone[it.ticket] = {Ticket::State::burned};
                 },
                 [](const auto&) {},
             },
             event.event);
}

void Views::fold_refusal(const Recorded& event) {
  const auto keep = [&](const auto& refused) {
    const auto claim = claims_.find(refused.claim);
    if (claim == claims_.end()) return;
    const projections::ClaimView& view = claim->second;
    const bool ended = view.state == ClaimState::released || view.state == ClaimState::expired;
    if (ended && view.occasion == subject_of<schema::OccasionId>(event))
      refused_after_end_[event.position()] = view;
  };
  if (const auto* it = std::get_if<schema::ConfirmationRefused>(&event.event)) keep(*it);
  if (const auto* it = std::get_if<schema::ReleaseRefused>(&event.event)) keep(*it);
}

void Views::fold_key(const Recorded& event) {
  const auto id = subject_of<schema::KeyId>(event);
  std::visit(domain::Overloaded{
                 [&](const schema::KeyCreated& it) {
                   keys_[id] = {.id = id,
                                .name = it.name,
                                .role = it.role,
                                .occasion = it.occasion,
                                .hash = it.hash,
                                .created_at = event.envelope.time,
                                .last_event = event.position()};
                 },
                 [&](const schema::KeyUsed&) {
                   keys_[id].last_used_at = event.envelope.time;
                   keys_[id].last_event = event.position();
                 },
                 [&](const schema::KeyDeleted&) {
                   keys_.erase(id);
                   deleted_[id] = event.position();
                 },
                 [](const auto&) {},
             },
             event.event);
}

std::string Views::availability_body(const Occasion& occasion) const {
  const auto count = [&](std::optional<std::size_t> pool, Ticket::State state) {
    return std::ranges::count_if(occasion.gone, [&](const auto& entry) {
      return entry.second.state == state && (!pool || schema::place_of(entry.first).pool == *pool);
    });
  };
  const auto counted = [&](std::optional<std::size_t> pool, std::int64_t capacity) {
    return counts(capacity, count(pool, Ticket::State::claimed), count(pool, Ticket::State::issued),
                  count(pool, Ticket::State::burned));
  };
  std::int64_t capacity = 0;
  std::string pools;
  for (std::size_t i = 0; i < occasion.view.details.pools.size(); ++i) {
    const schema::Pool& pool = occasion.view.details.pools[i];
    capacity += pool.capacity;
    pools += (i == 0 ? "" : ",") + ("{\"name\":\"" + pool.name) + "\"," +
             counted(i, pool.capacity) + "}";
  }
  return "{" + counted(std::nullopt, capacity) + ",\"pools\":[" + pools + "],\"position\":\"" +
         schema::to_text(occasion.last_event_about_it) + "\"}";
}

}  // namespace boxoffice::simulation
