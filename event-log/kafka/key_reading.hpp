#pragma once

#include "event-log/kafka/cluster.hpp"

namespace boxoffice::event_log::kafka {

/// See `Log::read_keys`.
[[nodiscard]] Result<void> read_keys(Cluster& cluster, const KeyVisitor& visit);

}  // namespace boxoffice::event_log::kafka
