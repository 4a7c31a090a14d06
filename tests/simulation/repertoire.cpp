#include "tests/simulation/repertoire.hpp"

#include "tests/processor/vocabulary.hpp"

namespace boxoffice::simulation {

namespace words = vocabulary;

namespace {

constexpr char kOrganizer[] = "organizer";

domain::SubjectId occasion_of(std::uint64_t number) {
  return words::occasion("occasion " + std::to_string(number));
}

}  // namespace

Wish Repertoire::creation(std::uint64_t occasion) const {
  schema::OccasionDetails details = words::details(plan_.capacity, plan_.ttl);
  details.pools.clear();
  for (std::uint64_t pool = 0; pool < plan_.pools; ++pool)
    details.pools.push_back({.name = "pool " + std::to_string(pool), .capacity = plan_.capacity});
  details.claims->one_per_email = plan_.one_per_email;
  details.claims->one_per_ip = plan_.one_per_ip;
  if (plan_.burn) details.claims->on_expiry = schema::OnExpiry::burn;
  return {occasion_of(occasion), words::create(std::move(details)), kOrganizer};
}

Wish Repertoire::opening(std::uint64_t occasion) const {
  return {occasion_of(occasion), words::open(), kOrganizer};
}

Wish Repertoire::anything(const schema::CommandId& name) {
  if (random_.chance(plan_.organize)) return organizing();
  if (random_.chance(plan_.use_keys)) return about_a_key(name);
  if (claims_.empty() || random_.chance(550)) return claim(name);
  return about_a_claim();
}

Wish Repertoire::claim(const schema::CommandId& name) {
  const auto somebody = [this](const char* kind, std::uint64_t count) {
    return kind + std::to_string(random_.below(count));
  };
  const Claim made{some_occasion(), name.as<schema::ClaimTag>()};
  claims_.push_back(made);
  return {made.occasion,
          schema::ClaimTicket{
              .claim = made.id,
              .person = words::named<schema::PersonId>(somebody("person ", plan_.people)),
              .ip = words::named<schema::IpId>(somebody("address ", plan_.addresses)),
              .address = "s1.AAAAAAAAAAA.AAAA"}};
}

Wish Repertoire::about_a_claim() {
  const Claim& claim = random_.one_of(claims_);
  if (random_.chance(500)) return {claim.occasion, schema::ConfirmClaim{.claim = claim.id}};
  return {claim.occasion, schema::ReleaseClaim{.claim = claim.id}};
}

Wish Repertoire::about_a_key(const schema::CommandId& name) {
  if (keys_.empty() || random_.chance(250)) {
    keys_.push_back(name.as<schema::KeyTag>());
    std::optional<schema::OccasionId> occasion;
    if (random_.chance(500)) occasion = some_occasion().as<schema::OccasionTag>();
    return {name.as<domain::SubjectTag>(),
            schema::CreateKey{.name = "gate " + std::to_string(keys_.size()),
                              .role = schema::Role::gate,
                              .occasion = occasion,
                              .hash = sealing::sha256(schema::to_text(name))},
            kOrganizer};
  }
  const schema::KeyId key = random_.one_of(keys_);
  const auto subject = key.as<domain::SubjectTag>();
  const std::uint64_t dice = random_.below(100);
  if (dice < 40) return {subject, schema::DeleteKey{}, kOrganizer};
  if (dice < 90) return {subject, schema::RecordKeyUse{}, schema::to_text(key)};
  return {subject, schema::OpenSealedData{.filter = "person=" + schema::to_text(key)},
          schema::to_text(key)};
}

Wish Repertoire::organizing() {
  const domain::SubjectId occasion = some_occasion();
  if (random_.chance(plan_.cancel))
    return {
        occasion,
        schema::StepOccasion{.step = schema::OccasionStep::cancel, .if_match = condition(occasion)},
        kOrganizer};
  if (random_.chance(400))
    return {occasion,
            schema::StepOccasion{.step = random_.chance(400) ? schema::OccasionStep::close
                                                             : schema::OccasionStep::open,
                                 .if_match = condition(occasion)},
            kOrganizer};
  const auto seen = seen_.find(schema::to_text(occasion));
  return {occasion,
          schema::ChangeOccasion{.change = change(seen == seen_.end() ? schema::OccasionDetails{}
                                                                      : seen->second.details),
                                 .if_match = condition(occasion)},
          kOrganizer};
}

schema::OccasionChange Repertoire::change(const schema::OccasionDetails& seen) {
  schema::OccasionChange change;
  if (random_.chance(200)) change.venue = "Hall " + std::to_string(random_.below(10));
  if (random_.chance(500) && !seen.pools.empty()) change.pools = other_pools(seen.pools);
  if (random_.chance(100))
    change.claims.emplace(std::nullopt);  // off
  else if (random_.chance(500))
    change.claims.emplace(other_claims());
  return change;
}

std::vector<schema::Pool> Repertoire::other_pools(std::vector<schema::Pool> pools) {
  schema::Pool& pool = random_.one_of(pools);
  const std::uint64_t dice = random_.below(100);
  if (dice < 70) {
    pool.capacity = std::max<std::int64_t>(1, pool.capacity + random_.between(-2, 2));
  } else if (dice < 85) {
    if (pools.size() < 6)
      pools.push_back({.name = "pool " + std::to_string(pools.size()), .capacity = 1});
  } else if (dice < 90) {
    pool.name += " renamed";
  } else if (dice < 95) {
    pools.push_back(pools.front());
  } else {
    pools.pop_back();
    if (pools.empty()) pools.push_back({.name = "another", .capacity = 1});
  }
  return pools;
}

schema::ClaimsChange Repertoire::other_claims() {
  schema::ClaimsChange change;
  if (random_.chance(300)) change.ttl_ms = random_.between(50, 4000);
  if (random_.chance(300))
    change.on_expiry = random_.chance(500) ? schema::OnExpiry::burn : schema::OnExpiry::return_;
  if (random_.chance(400)) change.one_per_email = random_.chance(500);
  if (random_.chance(400)) change.one_per_ip = random_.chance(500);
  if (random_.chance(30)) change.verify_email = true;
  return change;
}

domain::SubjectId Repertoire::some_occasion() {
  // The last number is that of an occasion which nobody makes.
  if (random_.chance(20)) return occasion_of(plan_.occasions);
  return occasion_of(random_.below(plan_.occasions));
}

std::optional<schema::Sequence> Repertoire::condition(const domain::SubjectId& occasion) {
  if (!random_.chance(plan_.look_first)) return std::nullopt;
  const auto seen = seen_.find(schema::to_text(occasion));
  if (seen == seen_.end()) return std::nullopt;
  return seen->second.last_event;
}

void Repertoire::hear(const processor::Outcome& outcome) {
  const event_log::CommittedEvent& told = outcome.deciding_event();
  const auto note = [&](const schema::OccasionDetails& details) {
    seen_[told.envelope.subject] = {told.envelope.position.sequence, details};
  };
  std::visit(domain::Overloaded{
                 [&](const schema::OccasionCreated& it) { note(it.details); },
                 [&](const schema::OccasionChanged& it) { note(it.details); },
                 [&](const schema::OccasionOpened& it) { note(it.details); },
                 [&](const schema::OccasionClosed& it) { note(it.details); },
                 [&](const schema::OccasionCancelled& it) { note(it.details); },
                 [](const auto&) {},
             },
             told.event);
}

}  // namespace boxoffice::simulation
