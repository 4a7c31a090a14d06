#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "event-log/log.hpp"

namespace boxoffice::replay {

/// Which events to show: all given members must hold.
struct Filter {
  std::optional<schema::Partition> partition;
  std::optional<schema::OccasionId> occasion;
  std::optional<schema::PersonId> person;
  std::optional<schema::TicketId> ticket;
  std::optional<std::string> principal;  ///< an `actor`
  std::optional<std::string> type;       ///< with or without the prefix `boxoffice.`
  std::optional<schema::Instant> from;   ///< decided at or after
  std::optional<schema::Instant> to;     ///< decided before

  bool operator==(const Filter&) const = default;
};

/// Whether there are such events; with or without the prefix `boxoffice.`.
bool is_event_type(std::string_view type);

bool matches(const Filter& filter, const schema::Envelope& envelope, const schema::Event& event);

/// Hands exactly the stored values to `line`, in partition and sequence order, up to the ends that
/// partitions have now; it returns false to stop. An event that cannot be read belongs to no
/// filter, but to all of history: without one it is shown as it is.
[[nodiscard]] event_log::Result<void> show(event_log::Log& log, const Filter& filter,
                                           const std::function<bool(std::string_view)>& line);

}  // namespace boxoffice::replay
