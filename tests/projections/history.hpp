#pragma once

#include <random>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "event-log/memory/memory_log.hpp"
#include "projections/queries.hpp"

/// What tests of read models say: a log in memory, and the events of a small box office.
namespace boxoffice::projections {

using namespace std::chrono_literals;

/// An id made of a number, the same each time.
template <class IdType>
IdType id(std::uint64_t number) {
  std::mt19937_64 bits(number + 1);
  std::array<std::uint8_t, 16> bytes;
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(bits());
  return IdType::from(bytes);
}

inline constexpr Instant kNoon{schema::Milliseconds{1'800'000'000'000}};

/// One event before it has a place: what it is about, and who asked.
struct Happening {
  std::string subject;
  schema::Event event;
  std::string actor = {};
};

using Capacities = std::vector<std::pair<std::string, std::int64_t>>;
schema::OccasionDetails details(const Capacities& pools);

/// Numbers name occasions, claims (and their persons) and keys.
Happening occasion_created(std::uint64_t occasion, const Capacities& pools = {{"main", 10}});
Happening occasion_stepped(std::uint64_t occasion, schema::OccasionStep step,
                           const Capacities& pools = {{"main", 10}});
Happening occasion_changed(std::uint64_t occasion, const Capacities& pools);
Happening ticket_claimed(std::uint64_t occasion, std::uint64_t claim, schema::TicketPlace place,
                         Instant expires_at = kNoon + 5min);
Happening claim_confirmed(std::uint64_t occasion, std::uint64_t claim, schema::TicketPlace place,
                          bool repeated = false);
Happening claim_released(std::uint64_t occasion, std::uint64_t claim, schema::TicketPlace place,
                         schema::LiveClaim was);
Happening claim_expired(std::uint64_t occasion, std::uint64_t claim, schema::TicketPlace place,
                        schema::ExpiredTicket became = schema::ExpiredTicket::returned);
Happening claim_refused(std::uint64_t occasion, std::uint64_t claim);
/// Of claims that had ended, so that the events do not say whose they were.
Happening confirmation_refused(std::uint64_t occasion, std::uint64_t claim);
Happening release_refused(std::uint64_t occasion, std::uint64_t claim);
Happening key_created(std::uint64_t key, std::string name = "Gate 1");
Happening key_used(std::uint64_t key);
Happening key_deleted(std::uint64_t key);

/// A log in memory, its clock, and the right to append. What happens in one call is one batch.
class History {
 public:
  explicit History(std::uint16_t partitions = 4, event_log::Faults faults = {});

  event_log::Log& log() { return *log_; }
  std::vector<Position> happen(std::vector<Happening> happenings);
  Position happens(Happening happening) { return happen({std::move(happening)}).front(); }
  void pass(schema::Milliseconds time) { now_ += time; }
  Instant now() const { return now_; }

  /// Where the log ends, as positions.
  std::vector<Position> ends() const;
  /// All committed events, by partition and sequence.
  const std::vector<event_log::CommittedEvent>& events(Partition partition) const {
    return events_[partition.value];
  }

 private:
  Instant now_ = kNoon;
  std::unique_ptr<event_log::Log> log_;
  std::unique_ptr<event_log::Writer> writer_;
  std::vector<std::vector<event_log::CommittedEvent>> events_;
};

/// A history as commands would make it: occasions, claims in all their states, refusals and keys.
/// The same for the same seed.
class RandomBoxOffice {
 public:
  RandomBoxOffice(History& history, std::uint64_t seed) : history_(history), random_(seed) {}
  /// Appends some batches of a few events.
  void go_on(std::size_t batches);

  /// The occasions, persons, keys … that a question may be about.
  std::uint64_t some_occasion() { return below(kOccasions); }
  std::uint64_t some_claim() { return below(next_claim_ + 1); }
  std::uint64_t some_key() { return below(kKeys); }
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

 private:
  static constexpr std::uint64_t kOccasions = 5;
  static constexpr std::uint64_t kKeys = 4;
  struct Claim {
    std::uint64_t occasion, claim;
    schema::TicketPlace place;
    bool confirmed = false;
  };

  Happening next();
  Happening about_a_claim();
  Happening about_an_ended_claim();

  History& history_;
  std::mt19937_64 random_;
  std::vector<bool> created_ = std::vector<bool>(kOccasions);
  std::vector<Claim> live_;
  std::vector<Claim> ended_;
  std::uint64_t next_claim_ = 0;
};

}  // namespace boxoffice::projections
