#pragma once

#include "event-log/kafka/cluster.hpp"

namespace boxoffice::event_log::kafka {

/// The deployment's name, as the log says. Makes one where it says none and has no events, if the
/// settings let it make topics.
[[nodiscard]] Result<std::string> name_of_deployment(Cluster& cluster);

}  // namespace boxoffice::event_log::kafka
