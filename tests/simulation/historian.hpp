#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/simulation/key_rules.hpp"
#include "tests/simulation/occasion_rules.hpp"
#include "tests/simulation/recorded.hpp"

namespace boxoffice::simulation {

/// Reads history as an outsider who knows the rules and nothing of the product's state. Throws
/// Violation with the position of what must never happen: a missing sequence, a broken chain, a
/// command decided twice; and what the rules of occasions and keys forbid.
class Historian {
 public:
  /// After `key_window` a command may be decided once more.
  explicit Historian(std::uint16_t partitions,
                     schema::Milliseconds key_window = std::chrono::hours(24));

  /// Reads what is new on the log.
  void read(event_log::Log& log);
  /// Takes one event in. `event.value` is followed by `schema::kPadding` bytes.
  void take(const event_log::StoredEvent& event);

  std::uint16_t partitions() const { return static_cast<std::uint16_t>(stories_.size()); }
  schema::Sequence end(schema::Partition partition) const;
  /// REQUIRES: it was read.
  const Recorded& at(schema::Position position) const;
  std::size_t events() const { return events_; }

 private:
  struct Story {
    std::optional<schema::Digest> hash;
    schema::Instant time{};
    std::deque<Recorded> events;
  };
  struct Decision {
    schema::Position first;
    schema::Instant time{};
    bool too_late = false;
  };

  void check_order(const Story& story, const Recorded& event, schema::Position stored_at) const;
  void check_cause(const Recorded& event);

  const schema::Milliseconds key_window_;
  std::vector<Story> stories_;
  std::map<schema::CommandId, Decision> decided_;
  OccasionRules occasion_rules_;
  KeyRules key_rules_;
  std::size_t events_ = 0;
  schema::Reader reader_;
};

}  // namespace boxoffice::simulation
