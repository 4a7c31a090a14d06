#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "event-log/log.hpp"

struct rd_kafka_message_s;

namespace boxoffice::event_log {

/// A host's clock beside the brokers'.
struct ClockComparison {
  schema::Instant clock;
  schema::Instant brokers;
  bool is_off = false;  ///< by more than 5 s for certain, by the word of most brokers

  std::chrono::milliseconds ahead() const { return clock - brokers; }
};

/// What time it is on the brokers: leaders of topics with LogAppendTime stamp the records that they
/// take, and tell whoever sent them.
///
/// A record is stamped between its sending and its acknowledgement, so each tells a broker's time
/// to a round trip, and the steady clock carries it on:
///
///     sent          stamped         acknowledged
///      |---------------|-----------------|--------------> steady clock
///      stamp - sent  >=  ahead of it  >=  stamp - acknowledged
///
/// So a clock that is set is seen to be off at its next reading, before anybody asks a broker
/// again. Thread-safe.
class BrokersTime {
 public:
  using Steady = std::chrono::steady_clock::time_point;

  /// A record that a broker has acknowledged; one without a leader's stamp tells nothing.
  void heard(const rd_kafka_message_s& acknowledged, Steady sent);
  void heard(std::int32_t broker, schema::Instant stamp, Steady sent, Steady acknowledged);

  /// nullopt: no broker has told its time within the last minute. A broker whose clock differs from
  /// those of most others puts nobody in the wrong.
  std::optional<ClockComparison> compare(schema::Instant clock,
                                         Steady now = std::chrono::steady_clock::now()) const;
  /// Why nothing may be decided by this clock; nullopt: it is right.
  std::optional<std::string> trouble(schema::Instant clock,
                                     Steady now = std::chrono::steady_clock::now()) const;

 private:
  /// By how much a broker's clock is ahead of the steady one.
  struct Ahead {
    std::chrono::nanoseconds min;
    std::chrono::nanoseconds max;
    Steady heard;
  };

  mutable std::mutex mutex_;
  std::map<std::int32_t, Ahead> ahead_;  // guarded by mutex_; by broker
};

/// What this host's clock says.
inline schema::Instant this_clock() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

/// As an operator reads it.
std::string in_words(const ClockComparison& comparison);

}  // namespace boxoffice::event_log
