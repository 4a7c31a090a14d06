#pragma once

#include "event-log/kafka/client.hpp"

struct rd_kafka_metadata_topic;

namespace boxoffice::event_log::kafka {

/// Makes the topics that are missing, if the settings say so, and checks that all have the
/// partitions, replicas and properties that the log needs. What differs is `wrong_format`, with the
/// command that mends it.
[[nodiscard]] Result<void> prepare_topics(const KafkaSettings& settings, const Client& client,
                                          Deadline deadline);

/// Of the partition that has fewest.
int fewest_replicas(const rd_kafka_metadata_topic& topic);

/// The settings with the numbers of partitions and replicas that they leave open. Told where one
/// replica is enough for a record to count.
[[nodiscard]] Result<KafkaSettings> with_layout(KafkaSettings settings, const Client& client,
                                                Deadline deadline);

/// How many partitions the topics have. Where one is missing, or has another number than the rest,
/// it is `wrong_format`.
[[nodiscard]] Result<std::uint16_t> partitions_of_topics(const KafkaSettings& settings,
                                                         const Client& client, Deadline deadline);

/// What the cluster calls it: another id each time that a topic of that name is made, on any
/// cluster.
[[nodiscard]] Result<std::string> topic_id(const Client& client, const std::string& topic,
                                           Deadline deadline);

}  // namespace boxoffice::event_log::kafka
