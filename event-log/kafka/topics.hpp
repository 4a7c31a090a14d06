#pragma once

#include "event-log/kafka/client.hpp"

namespace boxoffice::event_log::kafka {

/// Makes the topics that are missing, if the settings say so, and checks that all have the
/// partitions, replicas and properties that the log needs. All that differs is `wrong_format`, a
/// line each with the command that mends it. The settings with nothing left open.
[[nodiscard]] Result<KafkaSettings> prepare_topics(KafkaSettings settings, const Client& client,
                                                   Deadline deadline);

/// The settings with the numbers of partitions and replicas that they leave open. Told where one
/// replica is enough for a record to count.
[[nodiscard]] Result<KafkaSettings> with_layout(KafkaSettings settings, const Client& client,
                                                Deadline deadline);

/// How many partitions the topics have. Where one is missing, or has another number than the rest,
/// it is `wrong_format`.
[[nodiscard]] Result<std::uint16_t> partitions_of_topics(const KafkaSettings& settings,
                                                         const Client& client, Deadline deadline);

}  // namespace boxoffice::event_log::kafka
