#include "tests/projections/history.hpp"

#include <stdexcept>

#include "events-schema/occasion_steps.hpp"

namespace boxoffice::projections {

using namespace schema;

OccasionDetails details(const Capacities& pools) {
  OccasionDetails details{.name = "Winter \"Gala\"",
                          .starts_at = kNoon + 24h,
                          .time_zone = "UTC",
                          .claims = ClaimsPolicy{.ttl_ms = 300'000},
                          .codes = {.length = 4, .alphabet = "ABCDEFGH"},
                          .totp = {.algorithm = TotpAlgorithm::SHA1, .digits = 6, .period_s = 30},
                          .admission = {.undo_window_ms = 900'000}};
  for (const auto& [name, capacity] : pools)
    details.pools.push_back({.name = name, .capacity = capacity});
  return details;
}

namespace {

Happening about(std::uint64_t occasion, Event event) {
  return {to_text(id<OccasionId>(occasion)), std::move(event), "anonymous"};
}

/// Members that most events of a claim share.
template <class Data>
Data of_claim(std::uint64_t occasion, std::uint64_t claim, TicketPlace place) {
  Data data;
  data.claim = id<ClaimId>(claim);
  data.person = id<PersonId>(claim);
  data.ticket = ticket_id(id<OccasionId>(occasion), place);
  data.pool = "main";
  data.number = place.number;
  return data;
}

}  // namespace

Happening occasion_created(std::uint64_t occasion, const Capacities& pools) {
  Happening happening = about(occasion, OccasionCreated{.organizer = id<KeyId>(0),
                                                        .details = details(pools),
                                                        .state = OccasionState::draft});
  happening.actor = to_text(id<KeyId>(0));
  return happening;
}

Happening occasion_stepped(std::uint64_t occasion, OccasionStep step, const Capacities& pools) {
  const OccasionState states[] = {OccasionState::open, OccasionState::closed,
                                  OccasionState::cancelled};
  return about(occasion, schema::occasion_stepped({.step = step}, details(pools),
                                                  states[static_cast<int>(step)]));
}

Happening occasion_changed(std::uint64_t occasion, const Capacities& pools) {
  return about(occasion, OccasionChanged{.change = {.pools = details(pools).pools},
                                         .details = details(pools),
                                         .state = OccasionState::open});
}

Happening ticket_claimed(std::uint64_t occasion, std::uint64_t claim, TicketPlace place,
                         Instant expires_at) {
  auto data = of_claim<TicketClaimed>(occasion, claim, place);
  data.ip = id<IpId>(claim);
  data.expires_at = expires_at;
  data.address = "s1.AAAAAAAAAAA.AAAA";
  return about(occasion, data);
}

Happening claim_confirmed(std::uint64_t occasion, std::uint64_t claim, TicketPlace place,
                          bool repeated) {
  auto data = of_claim<ClaimConfirmed>(occasion, claim, place);
  data.repeated = repeated;
  return about(occasion, data);
}

Happening claim_released(std::uint64_t occasion, std::uint64_t claim, TicketPlace place,
                         LiveClaim was) {
  auto data = of_claim<ClaimReleased>(occasion, claim, place);
  data.was = was;
  return about(occasion, data);
}

Happening claim_expired(std::uint64_t occasion, std::uint64_t claim, TicketPlace place,
                        ExpiredTicket became) {
  auto data = of_claim<ClaimExpired>(occasion, claim, place);
  data.became = became;
  return about(occasion, data);
}

Happening claim_refused(std::uint64_t occasion, std::uint64_t claim) {
  return about(occasion, ClaimRefused{.claim = id<ClaimId>(claim),
                                      .person = id<PersonId>(claim),
                                      .ip = id<IpId>(claim),
                                      .refusal = ClaimRefusal::sold_out});
}

Happening confirmation_refused(std::uint64_t occasion, std::uint64_t claim) {
  return about(occasion, ConfirmationRefused{.claim = id<ClaimId>(claim),
                                             .refusal = ConfirmationRefusal::claim_ended});
}

Happening release_refused(std::uint64_t occasion, std::uint64_t claim) {
  return about(occasion,
               ReleaseRefused{.claim = id<ClaimId>(claim), .refusal = ReleaseRefusal::claim_ended});
}

Happening key_created(std::uint64_t key, std::string name) {
  KeyCreated data{.name = std::move(name), .role = Role::gate, .occasion = id<OccasionId>(0)};
  data.hash.bytes.fill(static_cast<std::uint8_t>(key));
  return {to_text(id<KeyId>(key)), data, to_text(id<KeyId>(0))};
}

Happening key_used(std::uint64_t key) {
  return {to_text(id<KeyId>(key)), KeyUsed{}, to_text(id<KeyId>(key))};
}

Happening key_deleted(std::uint64_t key) {
  return {to_text(id<KeyId>(key)), KeyDeleted{}, to_text(id<KeyId>(0))};
}

History::History(std::uint16_t partitions, event_log::Faults faults)
    : log_(event_log::open_memory(event_log::make_memory_store(partitions), std::move(faults))),
      events_(partitions) {
  std::vector<Partition> all;
  for (std::uint16_t partition = 0; partition < partitions; ++partition) all.push_back({partition});
  auto writer = log_->take_over(all);
  if (!writer) throw std::runtime_error(writer.error().message);
  writer_ = std::move(*writer);
}

std::vector<Position> History::happen(std::vector<Happening> happenings) {
  auto batch = std::make_shared<event_log::Batch>();
  std::vector<Position> positions;
  for (Happening& happening : happenings) {
    const Partition partition = partition_of(happening.subject, log_->partitions());
    auto& before = events_[partition.value];
    event_log::CommittedEvent event{.topic = topic_of(happening.event)};
    event.envelope.position = {partition, {before.size() + 1}};
    event.envelope.source = "boxoffice:memory000000";
    event.envelope.subject = happening.subject;
    event.envelope.time = now_;
    event.envelope.actor = happening.actor;
    event.event = std::move(happening.event);
    write_event(event.value, event.envelope, event.event);
    positions.push_back(event.envelope.position);
    before.push_back(event);
    batch->events.push_back(std::move(event));
  }
  if (auto appended = writer_->append(batch); !appended)
    throw std::runtime_error(appended.error().message);
  return positions;
}

std::vector<Position> History::ends() const {
  std::vector<Position> ends;
  for (std::uint16_t partition = 0; partition < log_->partitions(); ++partition)
    ends.push_back({{partition}, log_->end({partition})});
  return ends;
}

Happening RandomBoxOffice::about_a_claim() {
  const std::size_t at = below(live_.size());
  Claim& claim = live_[at];
  const auto [occasion, number, place, confirmed] = claim;
  const std::uint64_t what = below(4);
  if (what == 0) {
    claim.confirmed = true;
    return claim_confirmed(occasion, number, place, confirmed);
  }
  if (what == 1) return claim_refused(occasion, number);
  const Claim ended = claim;
  live_.erase(live_.begin() + static_cast<std::ptrdiff_t>(at));
  ended_.push_back(ended);
  if (what == 2 || ended.confirmed)
    return claim_released(occasion, number, place,
                          ended.confirmed ? LiveClaim::confirmed : LiveClaim::held);
  return claim_expired(occasion, number, place,
                       below(2) ? ExpiredTicket::burned : ExpiredTicket::returned);
}

Happening RandomBoxOffice::about_an_ended_claim() {
  const Claim& claim = ended_[below(ended_.size())];
  return below(2) ? confirmation_refused(claim.occasion, claim.claim)
                  : release_refused(claim.occasion, claim.claim);
}

Happening RandomBoxOffice::next() {
  const Capacities pools = {{"main", 100'000}, {"side", 100'000}};
  const std::uint64_t occasion = some_occasion();
  const std::uint64_t key = some_key();
  switch (below(20)) {
    case 0:
      return key_created(key);
    case 1:
      return key_used(key);
    case 2:
      return key_deleted(key);
    case 3:
      if (created_[occasion]) return occasion_stepped(occasion, OccasionStep::open, pools);
      break;
    case 4:
      if (!ended_.empty()) return about_an_ended_claim();
      break;
    default:
      if (!live_.empty() && below(2)) return about_a_claim();
      break;
  }
  if (!created_[occasion]) {
    created_[occasion] = true;
    return occasion_created(occasion, pools);
  }
  const std::uint64_t claim = next_claim_++;
  const TicketPlace place{static_cast<std::uint16_t>(below(2)),
                          static_cast<std::uint32_t>(claim + 1)};
  live_.push_back({occasion, claim, place});
  return ticket_claimed(occasion, claim, place, history_.now() + 5min);
}

void RandomBoxOffice::go_on(std::size_t batches) {
  for (; batches > 0; --batches) {
    std::vector<Happening> happenings;
    for (std::uint64_t i = below(6) + 1; i > 0; --i) happenings.push_back(next());
    history_.happen(std::move(happenings));
    history_.pass(Milliseconds(below(3)));
  }
}

}  // namespace boxoffice::projections
