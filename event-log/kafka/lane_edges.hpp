#pragma once

#include <expected>
#include <span>
#include <string>
#include <vector>

#include "event-log/kafka/client.hpp"
#include "event-log/kafka/lanes.hpp"

namespace boxoffice::event_log::kafka {

enum class Edge { begin, end };

/// Where lanes begin or end, in the order that was asked for; else why no broker tells. Asks again
/// until the deadline, and returns by then, also while a broker is dead.
/// `rd_kafka_query_watermark_offsets` of librdkafka before 2.3 does not: it waits for that broker's
/// return, also where another has long taken over from it.
[[nodiscard]] std::expected<std::vector<std::int64_t>, std::string> edges(
    const Client& client, std::span<const Lane> lanes, Edge edge, Deadline deadline);

}  // namespace boxoffice::event_log::kafka
