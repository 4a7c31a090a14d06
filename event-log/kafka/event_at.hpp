#pragma once

#include "event-log/kafka/cluster.hpp"

namespace boxoffice::event_log::kafka {

/// See `Log::at`. One read where the place is remembered, a search otherwise.
[[nodiscard]] Result<std::optional<std::string>> event_at(Cluster& cluster, Position position);

}  // namespace boxoffice::event_log::kafka
