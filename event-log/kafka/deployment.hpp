#pragma once

#include "event-log/kafka/cluster.hpp"

namespace boxoffice::event_log::kafka {

/// The deployment's name: the first record of the keys' topic, partition 0. Makes one where the
/// topic is empty, if the settings let it make topics.
[[nodiscard]] Result<std::string> name_of_deployment(Cluster& cluster);

}  // namespace boxoffice::event_log::kafka
