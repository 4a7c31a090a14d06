#pragma once

#include "event-log/kafka/marks.hpp"
#include "event-log/kafka/probe.hpp"

namespace boxoffice::event_log::kafka {

/// Where in each lane the first event with some sequence or a later one lies.
struct Located {
  Offsets offsets{};
  /// The event with that sequence itself, if there is one.
  std::optional<Found> event;
  std::size_t lane = 0;    ///< of the event
  bool has_later = false;  ///< an event with a larger sequence was seen
};

/// Finds `position` by halving each lane's stretch of offsets, all lanes side by side: as many
/// rounds as the longest stretch has binary digits, one record read for each lane and round.
/// Sequences grow within a lane, and offsets that hold no committed record lead to the next that
/// does. `ends` as of `Ends::settled`.
[[nodiscard]] Result<Located> locate(Reader& reader, Position position, const Bracket& bracket,
                                     const Offsets& ends, Deadline deadline);

}  // namespace boxoffice::event_log::kafka
