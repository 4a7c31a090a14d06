#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "event-log/log.hpp"
#include "events-schema/occasion_steps.hpp"
#include "tests/simulation/violation.hpp"

namespace boxoffice::simulation {

struct Counts {
  std::int64_t capacity = 0, free = 0, claimed = 0, issued = 0, burned = 0;
  auto operator<=>(const Counts&) const = default;
};

/// Reads history as an outsider who knows the rules and nothing of the product's state. Throws
/// Violation with the position of what must never happen: a broken chain, a ticket held by two, a
/// command decided twice, `sold_out` while one was free, and so on.
class Historian {
 public:
  explicit Historian(std::uint16_t partitions);

  /// Reads what is new on the log.
  void read(event_log::Log& log);
  /// Takes one event in. `event.value` is followed by `schema::kPadding` bytes.
  void take(const event_log::StoredEvent& event);

  /// Of the event's occasion, after the event at `position`.
  const Counts& counts_at(schema::Position position) const;
  schema::Sequence end(schema::Partition partition) const;
  /// The values of the events with this cause that begin at `first`; empty where there are none.
  std::vector<std::string> values_caused_by(std::string_view cause, schema::Position first) const;
  std::size_t events() const { return events_; }

 private:
  struct Holding {
    schema::ClaimId claim;
    schema::PersonId person;
    schema::IpId ip;
    schema::Instant expires_at{};
    schema::Position claimed_at;
    bool confirmed = false;

    bool is_due(schema::Instant now) const { return !confirmed && expires_at <= now; }
  };
  struct Occasion {
    schema::OccasionId id;
    schema::OccasionState state{};
    schema::OccasionDetails details;
    std::map<schema::TicketId, Holding> held;
    std::set<schema::TicketId> burned;

    Counts counts() const;
    bool anything_due(schema::Instant now) const;
  };
  struct Story {
    std::optional<schema::Digest> hash;
    schema::Instant time{};
    std::vector<std::string> values;
    std::vector<std::string> causes;
    std::vector<Counts> counts;
  };
  struct Decision {
    schema::Position first;
    bool too_late = false;
  };

  void check_order(const event_log::StoredEvent& event);
  void check_cause();

  void tell(const schema::TicketClaimed& event);
  void tell(const schema::ClaimConfirmed& event);
  void tell(const schema::ClaimReleased& event);
  void tell(const schema::ClaimExpired& event);
  void tell(const schema::ClaimRefused& event);
  void tell(const schema::OccasionCreated& event);
  void tell(const schema::OccasionChanged& event);
  template <schema::OccasionStepped Event>
  void tell(const Event& event) {
    occasion().details = event.details;
    occasion().state = event.state;
  }
  template <class Other>
  void tell(const Other&) {}

  Holding& holding_of(const schema::TicketId& ticket, const schema::ClaimId& claim);
  Occasion& occasion();
  [[noreturn]] void violated(const std::string& what) const;
  void demand(bool fact, const char* what) const {
    if (!fact) violated(what);
  }

  std::vector<Story> stories_;
  std::map<schema::OccasionId, Occasion> occasions_;
  std::map<schema::CommandId, Decision> decided_;
  std::size_t events_ = 0;

  schema::Reader reader_;
  schema::Envelope envelope_;  // of the event that is being read
  schema::Event event_;
};

}  // namespace boxoffice::simulation
