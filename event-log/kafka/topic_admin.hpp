#pragma once

#include "event-log/kafka/client.hpp"

/// What the cluster is asked about topics, and told.
// An event of librdkafka.
struct rd_kafka_op_s;

namespace boxoffice::event_log::kafka {

/// Of each partition of a topic the brokers that have a replica, the preferred leader first.
using Replicas = std::vector<std::vector<std::int32_t>>;

/// Of the partition that has fewest.
int fewest(const Replicas& replicas);

struct FoundTopic {
  Replicas replicas;
  Properties properties;  ///< where they were read
};

struct FoundTopics {
  std::vector<std::int32_t> brokers;              ///< those that are up
  std::vector<std::optional<FoundTopic>> topics;  ///< as named; nullopt: it is missing
};

[[nodiscard]] Result<FoundTopics> find_topics(const Client& client,
                                              const std::vector<std::string>& names,
                                              Deadline deadline);

struct NewTopic {
  std::string name;
  int partitions = 0;
  int replicas = 0;
  Properties properties;
};

/// One that somebody else has made meanwhile is none the worse. `unavailable` where it may be
/// possible later, with more brokers for instance.
[[nodiscard]] Result<void> make_topics(const Client& client, const std::vector<NewTopic>& topics,
                                       Deadline deadline);

/// Of the topics that were found. False: the broker that was asked has not heard of all of them
/// yet.
[[nodiscard]] Result<bool> read_properties(const Client& client,
                                           const std::vector<std::string>& names,
                                           FoundTopics& found, Deadline deadline);

/// Asks for a topic's id; the answer is an event on the queue.
void ask_for_id(const Client& client, const std::string& topic, rd_kafka_queue_s& answers,
                Deadline deadline);
/// What such an answer says, as `topic_id`.
[[nodiscard]] Result<std::string> id_in(rd_kafka_op_s& answer);

/// librdkafka has `+` and `/` in ids where Kafka has `-` and `_`; empty: none.
[[nodiscard]] std::string as_tools_write_it(std::string id);

/// What the cluster calls it: another id each time that a topic of that name is made, on any
/// cluster. Empty where brokers give topics no ids.
[[nodiscard]] Result<std::string> topic_id(const Client& client, const std::string& topic,
                                           Deadline deadline);

}  // namespace boxoffice::event_log::kafka
