#include "event-log/kafka/brokers_time.hpp"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <vector>

namespace boxoffice::event_log {
namespace {

constexpr std::chrono::seconds kOffMax{5};
/// For so long a broker's word counts: one that is gone has none.
constexpr std::chrono::minutes kLasts{1};
/// A stamp has whole milliseconds.
constexpr std::chrono::milliseconds kStampUnit{1};

}  // namespace

void BrokersTime::heard(const rd_kafka_message_t& acknowledged, Steady sent) {
  rd_kafka_timestamp_type_t type;
  const std::int64_t stamp = rd_kafka_message_timestamp(&acknowledged, &type);
  const std::int32_t broker = rd_kafka_message_broker_id(&acknowledged);
  if (acknowledged.err != RD_KAFKA_RESP_ERR_NO_ERROR || broker < 0 ||
      type != RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME)
    return;
  heard(broker, schema::Instant(std::chrono::milliseconds(stamp)), sent,
        std::chrono::steady_clock::now());
}

void BrokersTime::heard(std::int32_t broker, schema::Instant stamp, Steady sent,
                        Steady acknowledged) {
  const std::chrono::nanoseconds at = stamp.time_since_epoch();
  const Ahead told{.min = at - acknowledged.time_since_epoch(),
                   .max = at + kStampUnit - sent.time_since_epoch(),
                   .heard = acknowledged};
  const std::scoped_lock lock(mutex_);
  Ahead& known = ahead_.try_emplace(broker, told).first->second;
  const Ahead both{std::max(known.min, told.min), std::min(known.max, told.max), acknowledged};
  // Where they contradict each other, somebody has set a clock, or this host has slept.
  known = both.min <= both.max ? both : told;
}

std::optional<ClockComparison> BrokersTime::compare(schema::Instant clock, Steady now) const {
  const std::chrono::nanoseconds ahead_of_steady =
      clock.time_since_epoch() - now.time_since_epoch();
  std::vector<std::chrono::nanoseconds> ahead;
  std::size_t off = 0;
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& [broker, of_it] : ahead_) {
      if (now - of_it.heard > kLasts) continue;
      const bool is_off =
          ahead_of_steady > of_it.max + kOffMax || ahead_of_steady < of_it.min - kOffMax;
      off += is_off ? 1 : 0;
      ahead.push_back(ahead_of_steady - of_it.min - (of_it.max - of_it.min) / 2);
    }
  }
  if (ahead.empty()) return std::nullopt;
  const auto middle = ahead.begin() + static_cast<std::ptrdiff_t>(ahead.size() / 2);
  std::ranges::nth_element(ahead, middle);
  return ClockComparison{.clock = clock,
                         .brokers = clock - std::chrono::round<std::chrono::milliseconds>(*middle),
                         .is_off = off * 2 > ahead.size()};
}

std::optional<std::string> BrokersTime::trouble(schema::Instant clock, Steady now) const {
  const auto comparison = compare(clock, now);
  if (!comparison)
    return "nobody knows whether the clock is right: no broker has told its time lately";
  return comparison->is_off ? std::optional(in_words(*comparison)) : std::nullopt;
}

std::string in_words(const ClockComparison& comparison) {
  const auto ahead = comparison.ahead();
  const auto seconds = std::chrono::round<std::chrono::seconds>(std::chrono::abs(ahead));
  return "the clock is " + std::to_string(seconds.count()) + " s " +
         (ahead.count() < 0 ? "behind" : "ahead of") + " the brokers': it says " +
         schema::to_text(comparison.clock) + ", and they " + schema::to_text(comparison.brokers);
}

}  // namespace boxoffice::event_log
