#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "event-log/about.hpp"

/// A partition of the log lies in one partition of each topic: its lanes. Those of events are
/// numbered as `schema::Topic` is; behind them come those of keys, of what the log says of itself,
/// of commands and replies, and of what travels to the partition's next owner.
namespace boxoffice::event_log::kafka {

inline constexpr std::size_t kEventLanes = schema::kTopics;
inline constexpr std::size_t kKeysLane = kEventLanes;
inline constexpr std::size_t kAboutLane = kKeysLane + 1;
inline constexpr std::size_t kCommandsLane = kAboutLane + 1;
inline constexpr std::size_t kRepliesLane = kCommandsLane + 1;
inline constexpr std::size_t kSnapshotsLane = kRepliesLane + 1;
inline constexpr std::size_t kDecidedLane = kSnapshotsLane + 1;
inline constexpr std::size_t kLanes = kDecidedLane + 1;

/// One lane of one partition.
struct Lane {
  std::size_t number = 0;
  Partition partition;
  auto operator<=>(const Lane&) const = default;
};

/// Where a record of keys lies.
constexpr std::size_t lane_of_key(std::string_view name) {
  return is_about_the_log(name) ? kAboutLane : kKeysLane;
}

/// What the header `content-type` of a lane's records says; empty: those of other lanes have none.
constexpr std::string_view content_type(std::size_t lane) {
  if (lane < kEventLanes || lane == kCommandsLane) return "application/cloudevents+json";
  return lane == kRepliesLane ? "application/json" : "";
}

/// A place in each event lane of a partition.
using Offsets = std::array<std::int64_t, kEventLanes>;

inline std::vector<Lane> event_lanes(Partition partition) {
  std::vector<Lane> lanes;
  for (std::size_t number = 0; number < kEventLanes; ++number) lanes.push_back({number, partition});
  return lanes;
}

/// The topics' names by lane.
inline std::vector<std::string> topic_names(const std::string& prefix) {
  std::vector<std::string> names;
  for (std::size_t topic = 0; topic < schema::kTopics; ++topic)
    names.push_back(prefix + std::string(schema::topic_name(static_cast<Topic>(topic))));
  for (const std::string_view name :
       {"boxoffice.keys", "boxoffice.about", "boxoffice.commands", "boxoffice.replies",
        "boxoffice.snapshots", "boxoffice.decided"})
    names.push_back(prefix + std::string(name));
  return names;
}

/// The position of the event whose bytes these are, as far as its first members tell; nullopt for
/// what no writer of ours has written.
inline std::optional<Position> position_of(std::string_view value) {
  constexpr std::string_view kBefore = R"({"specversion":"1.0","id":")";
  if (!value.starts_with(kBefore)) return std::nullopt;
  value.remove_prefix(kBefore.size());
  return schema::position_from_event_id(value.substr(0, value.find('"')));
}

}  // namespace boxoffice::event_log::kafka
