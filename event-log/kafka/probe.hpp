#pragma once

#include <span>

#include "event-log/kafka/reader.hpp"

namespace boxoffice::event_log::kafka {

/// A stretch of a lane, from `from` to before `to`.
struct Stretch {
  Lane lane;
  std::int64_t from = 0;
  std::int64_t to = 0;
  bool is_empty() const { return from >= to; }
};

/// An event as it was found.
struct Found {
  Sequence sequence;
  std::int64_t offset = 0;
  std::string value;  ///< with `schema::kPadding` bytes of capacity behind it
};

/// The first event in each stretch, or its last one; nullopt where it has none. The stretches are
/// looked at side by side. REQUIRES: the reader was lent for their partitions, each lane occurs
/// once, and nothing before `to` is undecided.
[[nodiscard]] Result<std::vector<std::optional<Found>>> first_events(
    Reader& reader, std::span<const Stretch> stretches, Deadline deadline);
[[nodiscard]] Result<std::vector<std::optional<Found>>> last_events(
    Reader& reader, std::span<const Stretch> stretches, Deadline deadline);

/// The sequence of an event that was read from `lane`; `corrupt` for what is none of ours.
[[nodiscard]] Result<Sequence> sequence_of(const Record& record, Lane lane, std::string_view topic);

}  // namespace boxoffice::event_log::kafka
