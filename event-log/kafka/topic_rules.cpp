#include "event-log/kafka/topic_rules.hpp"

#include "event-log/kafka/lanes.hpp"

namespace boxoffice::event_log::kafka {
namespace {

/// Events for ever, and snapshots until they are trimmed. Commands for as long as somebody may take
/// to mend what decides them, replies for as long as somebody may wait for one, and remembered keys
/// for a day more than they are bound.
std::string retention_ms(std::size_t lane, const KafkaSettings& settings) {
  constexpr std::chrono::milliseconds kDay = std::chrono::hours(24);
  if (lane == kCommandsLane) return "604800000";
  if (lane == kRepliesLane) return "600000";
  return lane == kDecidedLane ? std::to_string((settings.key_window + kDay).count()) : "-1";
}

/// An event's time is its processor's. What gateways and processors write to each other tells them
/// the brokers' time, by which they judge their clocks.
std::string timestamp_type(std::size_t lane) {
  return lane == kCommandsLane || lane == kRepliesLane ? "LogAppendTime" : "CreateTime";
}

}  // namespace

Properties properties_of(std::size_t lane, const KafkaSettings& settings) {
  Properties properties{
      {"min.insync.replicas", std::to_string(settings.min_insync_replicas)},
      {"unclean.leader.election.enable", "false"},
      {"message.timestamp.type", timestamp_type(lane)},
      // An event's time never goes back, so it stays ahead where a clock once was.
      {"message.timestamp.after.max.ms", "9223372036854775807"},
      {"message.timestamp.before.max.ms", "9223372036854775807"},
  };
  if (lane == kKeysLane || lane == kAboutLane) {
    properties["cleanup.policy"] = "compact";
    // An erased key is gone from the disk within a day, and half an hour later its tombstone may
    // go. What the log said of itself before is there for as long, so there is never much to read.
    properties["max.compaction.lag.ms"] = "86400000";
    return properties;
  }
  properties["cleanup.policy"] = "delete";
  properties["retention.ms"] = retention_ms(lane, settings);
  properties["retention.bytes"] = "-1";
  // What is old goes as a whole segment, once no more is written to it. (A command has a wrapped
  // key with it, which must not outlive its erasure for long.)
  if (lane == kRepliesLane) properties["segment.ms"] = retention_ms(lane, settings);
  if (lane == kCommandsLane || lane == kDecidedLane) properties["segment.ms"] = "86400000";
  // What is trimmed goes as a whole segment, too.
  if (lane == kSnapshotsLane) properties["segment.bytes"] = "67108864";
  if (lane == kSnapshotsLane || lane == kDecidedLane) properties["max.message.bytes"] = "1048588";
  return properties;
}

/// Remembered keys may be kept for longer: somebody's window may once have been longer, too.
bool is_good(std::size_t lane, const std::string& name, const std::string& value,
             const std::string& wanted) {
  if (value == wanted) return true;
  if (lane != kDecidedLane || name != "retention.ms") return false;
  return value == "-1" || std::stoll(value) >= std::stoll(wanted);
}

}  // namespace boxoffice::event_log::kafka
