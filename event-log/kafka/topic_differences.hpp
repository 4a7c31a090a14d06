#pragma once

#include "event-log/kafka/topic_admin.hpp"

namespace boxoffice::event_log::kafka {

/// What is wrong about the deployment's topics, for who mends it: a line for each thing, with the
/// command of Kafka's tools that does; of what is beyond some 32 KiB only how much it is. None:
/// they are as they must be.
///
/// The settings have nothing left open; `are_partitions_given` says whether it was they that said
/// how many, or the topics that are there. `found` has all topics of the deployment by lane, with
/// their properties.
[[nodiscard]] std::vector<std::string> differences(const KafkaSettings& settings,
                                                   bool are_partitions_given,
                                                   const FoundTopics& found);

}  // namespace boxoffice::event_log::kafka
