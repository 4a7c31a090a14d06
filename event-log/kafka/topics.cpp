#include "event-log/kafka/topics.hpp"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <span>
#include <thread>

#include "event-log/kafka/lanes.hpp"

namespace boxoffice::event_log::kafka {
namespace {

constexpr std::chrono::milliseconds kLook{50};

template <auto destroy>
struct By {
  template <class T>
  void operator()(T* that) const {
    destroy(that);
  }
};
using Queue = Handle<rd_kafka_queue_t>;
using EventHandle = std::unique_ptr<rd_kafka_event_t, By<rd_kafka_event_destroy>>;
using Collection =
    std::unique_ptr<rd_kafka_TopicCollection_t, By<rd_kafka_TopicCollection_destroy>>;
using Options = std::unique_ptr<rd_kafka_AdminOptions_t, By<rd_kafka_AdminOptions_destroy>>;
using NewTopic = std::unique_ptr<rd_kafka_NewTopic_t, By<rd_kafka_NewTopic_destroy>>;
using Resource = std::unique_ptr<rd_kafka_ConfigResource_t, By<rd_kafka_ConfigResource_destroy>>;
using Metadata = std::unique_ptr<const rd_kafka_metadata_t, By<rd_kafka_metadata_destroy>>;

/// Events for ever, and snapshots until they are trimmed. Commands for as long as somebody may take
/// to mend what decides them, replies for as long as somebody may wait for one, and remembered keys
/// for a day more than they are bound.
std::string retention_ms(std::size_t lane, const KafkaSettings& settings) {
  constexpr std::chrono::milliseconds kDay = std::chrono::hours(24);
  if (lane == kCommandsLane) return "604800000";
  if (lane == kRepliesLane) return "600000";
  return lane == kDecidedLane ? std::to_string((settings.key_window + kDay).count()) : "-1";
}

/// An event's time is its processor's. What gateways and processors write to each other tells them
/// the brokers' time, by which they judge their clocks.
std::string timestamp_type(std::size_t lane) {
  return lane == kCommandsLane || lane == kRepliesLane ? "LogAppendTime" : "CreateTime";
}

/// The properties that topics are made with, and must have.
Properties properties_of(std::size_t lane, const KafkaSettings& settings) {
  Properties properties{
      {"min.insync.replicas", std::to_string(settings.min_insync_replicas)},
      {"unclean.leader.election.enable", "false"},
      {"message.timestamp.type", timestamp_type(lane)},
      // An event's time never goes back, so it stays ahead where a clock once was.
      {"message.timestamp.after.max.ms", "9223372036854775807"},
      {"message.timestamp.before.max.ms", "9223372036854775807"},
  };
  if (lane == kKeysLane || lane == kAboutLane) {
    properties["cleanup.policy"] = "compact";
    // An erased key is gone from the disk within a day, and half an hour later its tombstone may
    // go. What the log said of itself before is there for as long, so there is never much to read.
    properties["max.compaction.lag.ms"] = "86400000";
    return properties;
  }
  properties["cleanup.policy"] = "delete";
  properties["retention.ms"] = retention_ms(lane, settings);
  properties["retention.bytes"] = "-1";
  // What is old goes as a whole segment, once no more is written to it. (A command has a wrapped
  // key with it, which must not outlive its erasure for long.)
  if (lane == kRepliesLane) properties["segment.ms"] = retention_ms(lane, settings);
  if (lane == kCommandsLane || lane == kDecidedLane) properties["segment.ms"] = "86400000";
  // What is trimmed goes as a whole segment, too.
  if (lane == kSnapshotsLane) properties["segment.bytes"] = "67108864";
  if (lane == kSnapshotsLane || lane == kDecidedLane) properties["max.message.bytes"] = "1048588";
  return properties;
}

std::string create_command(const KafkaSettings& settings, std::size_t lane,
                           const std::string& topic) {
  std::string command = "kafka-topics --bootstrap-server " + settings.bootstrap_servers +
                        " --create --topic " + topic + " --partitions " +
                        std::to_string(settings.partitions) + " --replication-factor " +
                        std::to_string(settings.replication_factor);
  for (const auto& [name, value] : properties_of(lane, settings))
    command += " --config " + name + "=" + value;
  return command;
}

Options options(const Client& client, rd_kafka_admin_op_t operation, Deadline deadline) {
  Options options(rd_kafka_AdminOptions_new(client.get(), operation));
  char reason[256];
  rd_kafka_AdminOptions_set_request_timeout(options.get(), milliseconds_until(deadline), reason,
                                            sizeof reason);
  return options;
}

Result<EventHandle> wait_for(const Queue& queue, const std::string& what, Deadline deadline) {
  EventHandle event(rd_kafka_queue_poll(queue.get(), milliseconds_until(deadline)));
  if (!event) return unavailable(what + ": no broker answers in time");
  if (rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return unavailable(what + ": " + rd_kafka_event_error_string(event.get()));
  return event;
}

Result<Metadata> metadata_of(const Client& client, Deadline deadline) {
  const rd_kafka_metadata_t* raw = nullptr;
  const auto error =
      rd_kafka_metadata(client.get(), 1, nullptr, &raw, milliseconds_until(deadline));
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return unavailable(std::string("no broker tells about the topics: ") + rd_kafka_err2str(error));
  return Metadata(raw);
}

struct Layout {
  int partitions;
  int replicas;  ///< of the partition that has fewest
};

/// How the topics are laid out, by lane; nullopt for those that are missing.
Result<std::vector<std::optional<Layout>>> layouts(const Client& client,
                                                   const std::vector<std::string>& topics,
                                                   Deadline deadline) {
  const auto told = metadata_of(client, deadline);
  if (!told) return std::unexpected(told.error());
  const Metadata& metadata = *told;
  std::vector<std::optional<Layout>> layouts(topics.size());
  for (int i = 0; i < metadata->topic_cnt; ++i) {
    const rd_kafka_metadata_topic_t& topic = metadata->topics[i];
    const auto found = std::ranges::find(topics, topic.topic);
    if (found == topics.end() || topic.err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    layouts[static_cast<std::size_t>(found - topics.begin())] =
        Layout{topic.partition_cnt, fewest_replicas(topic)};
  }
  return layouts;
}

Result<void> create(const KafkaSettings& settings, const Client& client,
                    const std::vector<std::string>& topics,
                    const std::vector<std::optional<Layout>>& present, Deadline deadline) {
  std::vector<NewTopic> wanted;
  char reason[256];
  for (std::size_t lane = 0; lane < topics.size(); ++lane) {
    if (present[lane]) continue;
    NewTopic topic(rd_kafka_NewTopic_new(topics[lane].c_str(), settings.partitions,
                                         settings.replication_factor, reason, sizeof reason));
    if (!topic) return misconfigured("topic " + topics[lane] + " cannot be made: " + reason);
    for (const auto& [name, value] : properties_of(lane, settings))
      rd_kafka_NewTopic_set_config(topic.get(), name.c_str(), value.c_str());
    wanted.push_back(std::move(topic));
  }
  std::vector<rd_kafka_NewTopic_t*> pointers;
  for (const NewTopic& topic : wanted) pointers.push_back(topic.get());
  const Queue queue(rd_kafka_queue_new(client.get()));
  const Options how = options(client, RD_KAFKA_ADMIN_OP_CREATETOPICS, deadline);
  rd_kafka_CreateTopics(client.get(), pointers.data(), pointers.size(), how.get(), queue.get());
  const auto event = wait_for(queue, "making topics", deadline);
  if (!event) return std::unexpected(event.error());
  std::size_t count = 0;
  const rd_kafka_topic_result_t** results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event->get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto error = rd_kafka_topic_result_error(results[i]);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR && error != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
      return misconfigured(std::string("topic ") + rd_kafka_topic_result_name(results[i]) +
                           " cannot be made: " + rd_kafka_topic_result_error_string(results[i]));
  }
  return {};
}

Result<void> check_layout(const KafkaSettings& settings, const std::string& topic,
                          const Layout& layout) {
  if (layout.partitions != settings.partitions)
    return misconfigured("topic " + topic + " has " + std::to_string(layout.partitions) +
                         " partitions, and the settings say " +
                         std::to_string(settings.partitions) +
                         "; a deployment's number never changes, so correct the setting");
  if (layout.replicas < settings.replication_factor)
    return misconfigured("topic " + topic + " has replication factor " +
                         std::to_string(layout.replicas) + " instead of " +
                         std::to_string(settings.replication_factor) +
                         "; assign replicas with: kafka-reassign-partitions --bootstrap-server " +
                         settings.bootstrap_servers + " --reassignment-json-file FILE --execute");
  return {};
}

/// Remembered keys may be kept for longer: somebody's window may once have been longer, too.
bool is_good(std::size_t lane, const std::string& name, const std::string& value,
             const std::string& wanted) {
  if (value == wanted) return true;
  if (lane != kDecidedLane || name != "retention.ms") return false;
  return value == "-1" || std::stoll(value) >= std::stoll(wanted);
}

Result<void> check_property(const KafkaSettings& settings, std::size_t lane,
                            const std::string& topic, const std::string& name,
                            const std::string& value, const std::string& wanted) {
  if (is_good(lane, name, value, wanted)) return {};
  return misconfigured("topic " + topic + " has " + name + "=" + value + " instead of " + wanted +
                       "; mend it with: kafka-configs --bootstrap-server " +
                       settings.bootstrap_servers + " --alter --entity-type topics --entity-name " +
                       topic + " --add-config " + name + "=" + wanted);
}

/// False: the broker that was asked has not heard of all topics yet.
Result<bool> compare_properties(const KafkaSettings& settings, const Client& client,
                                const std::vector<std::string>& topics, Deadline deadline) {
  std::vector<Resource> resources;
  std::vector<rd_kafka_ConfigResource_t*> pointers;
  for (const std::string& topic : topics) {
    resources.emplace_back(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
    pointers.push_back(resources.back().get());
  }
  const Queue queue(rd_kafka_queue_new(client.get()));
  const Options how = options(client, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, deadline);
  rd_kafka_DescribeConfigs(client.get(), pointers.data(), pointers.size(), how.get(), queue.get());
  const auto event = wait_for(queue, "reading the topics' properties", deadline);
  if (!event) return std::unexpected(event.error());
  std::size_t count = 0;
  const rd_kafka_ConfigResource_t** described = rd_kafka_DescribeConfigs_result_resources(
      rd_kafka_event_DescribeConfigs_result(event->get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::string topic = rd_kafka_ConfigResource_name(described[i]);
    const auto error = rd_kafka_ConfigResource_error(described[i]);
    if (error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) return false;
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
      return unavailable("reading the properties of topic " + topic + ": " +
                         rd_kafka_ConfigResource_error_string(described[i]));
    const auto lane = static_cast<std::size_t>(std::ranges::find(topics, topic) - topics.begin());
    const Properties wanted = properties_of(lane, settings);
    std::size_t entries = 0;
    const rd_kafka_ConfigEntry_t** found = rd_kafka_ConfigResource_configs(described[i], &entries);
    for (std::size_t j = 0; j < entries; ++j) {
      const std::string name = rd_kafka_ConfigEntry_name(found[j]);
      const char* value = rd_kafka_ConfigEntry_value(found[j]);
      const auto known = wanted.find(name);
      if (known == wanted.end() || value == nullptr) continue;
      if (auto done = check_property(settings, lane, topic, name, value, known->second); !done)
        return std::unexpected(done.error());
    }
  }
  return true;
}

/// The topics were there when one broker was asked; any other may be asked now.
Result<void> check_properties(const KafkaSettings& settings, const Client& client,
                              const std::vector<std::string>& topics, Deadline deadline) {
  for (;;) {
    const auto known = compare_properties(settings, client, topics, deadline);
    if (!known) return std::unexpected(known.error());
    if (*known) return {};
    if (Clock::now() + kLook >= deadline)
      return unavailable("a broker does not know the topics that another one has told of");
    std::this_thread::sleep_for(kLook);
  }
}

}  // namespace

int fewest_replicas(const rd_kafka_metadata_topic_t& topic) {
  const std::span partitions(topic.partitions, static_cast<std::size_t>(topic.partition_cnt));
  const auto replicas = [](const auto& partition) { return partition.replica_cnt; };
  return partitions.empty() ? 0 : replicas(*std::ranges::min_element(partitions, {}, replicas));
}

Result<void> prepare_topics(const KafkaSettings& settings, const Client& client,
                            Deadline deadline) {
  const std::vector<std::string> topics = topic_names(settings.prefix);
  bool is_created = false;
  for (;;) {
    const auto found = layouts(client, topics, deadline);
    if (!found) return std::unexpected(found.error());
    const auto missing = std::ranges::find_if(*found, [](const auto& layout) { return !layout; });
    if (missing == found->end()) {
      for (std::size_t lane = 0; lane < topics.size(); ++lane)
        if (auto done = check_layout(settings, topics[lane], *(*found)[lane]); !done) return done;
      return check_properties(settings, client, topics, deadline);
    }
    const auto lane = static_cast<std::size_t>(missing - found->begin());
    if (!settings.create_topics)
      return misconfigured("there is no topic " + topics[lane] +
                           "; make it with: " + create_command(settings, lane, topics[lane]));
    if (!is_created)
      if (auto done = create(settings, client, topics, *found, deadline); !done) return done;
    is_created = true;
    // Brokers learn about new topics a moment after they were made.
    if (Clock::now() + kLook >= deadline)
      return unavailable("topic " + topics[lane] + " was made but is not there yet");
    std::this_thread::sleep_for(kLook);
  }
}

namespace {

/// Whoever has so few has mostly not chosen them: they were what the brokers of a first start
/// allowed.
void warn_of_few_replicas(const KafkaSettings& settings) {
  if (settings.min_insync_replicas >= 2 || !settings.on_log) return;
  const std::string what =
      settings.replication_factor == 1
          ? "each topic has one replica: with that broker's disk the history is lost"
          : "what is acknowledged may be with one replica of " +
                std::to_string(settings.replication_factor) +
                ": with that broker's disk it is lost";
  settings.on_log(4, what +
                         "; with three brokers, set kafka-replication-factor to 3 and "
                         "kafka-min-insync-replicas to 2");
}

}  // namespace

Result<KafkaSettings> with_layout(KafkaSettings settings, const Client& client, Deadline deadline) {
  constexpr std::uint16_t kPartitions = 16;
  constexpr int kReplicas = 3;
  const auto found = layouts(client, topic_names(settings.prefix), deadline);
  if (!found) return std::unexpected(found.error());
  const auto metadata = metadata_of(client, deadline);
  if (!metadata) return std::unexpected(metadata.error());
  // As those that are there: others may have been lost, or are still to be made.
  const auto first = std::ranges::find_if(*found, [](const auto& layout) { return !!layout; });
  const Layout suggested = first != found->end()
                               ? **first
                               : Layout{kPartitions, std::min(kReplicas, (*metadata)->broker_cnt)};
  if (settings.partitions == 0)
    settings.partitions = static_cast<std::uint16_t>(suggested.partitions);
  if (settings.replication_factor == 0) settings.replication_factor = suggested.replicas;
  if (settings.min_insync_replicas == 0)
    settings.min_insync_replicas = std::max(1, settings.replication_factor - 1);
  warn_of_few_replicas(settings);
  return settings;
}

Result<std::uint16_t> partitions_of_topics(const KafkaSettings& settings, const Client& client,
                                           Deadline deadline) {
  const std::vector<std::string> topics = topic_names(settings.prefix);
  const auto found = layouts(client, topics, deadline);
  if (!found) return std::unexpected(found.error());
  for (std::size_t lane = 0; lane < topics.size(); ++lane) {
    // Of no use to who only reads, and none where no owner of this version has been yet.
    if (!(*found)[lane] && (lane == kSnapshotsLane || lane == kDecidedLane)) continue;
    if (!(*found)[lane]) {
      const std::string what = "there is no topic " + topics[lane] + "; is the prefix right?";
      // Who follows may be there before whoever makes them.
      return settings.follows_others ? Result<std::uint16_t>(unavailable(what))
                                     : Result<std::uint16_t>(misconfigured(what));
    }
    if ((*found)[lane]->partitions != found->front()->partitions)
      return misconfigured("the topics " + topics.front() + " and " + topics[lane] +
                           " have different numbers of partitions");
  }
  return static_cast<std::uint16_t>(found->front()->partitions);
}

Result<std::string> topic_id(const Client& client, const std::string& topic, Deadline deadline) {
  const std::string what = "asking for the id of topic " + topic;
  const char* name = topic.c_str();
  const Collection collection(rd_kafka_TopicCollection_of_topic_names(&name, 1));
  const Queue queue(rd_kafka_queue_new(client.get()));
  const Options how = options(client, RD_KAFKA_ADMIN_OP_DESCRIBETOPICS, deadline);
  rd_kafka_DescribeTopics(client.get(), collection.get(), how.get(), queue.get());
  const auto event = wait_for(queue, what, deadline);
  if (!event) return std::unexpected(event.error());
  std::size_t count = 0;
  const rd_kafka_TopicDescription_t** described = rd_kafka_DescribeTopics_result_topics(
      rd_kafka_event_DescribeTopics_result(event->get()), &count);
  if (count != 1) return unavailable(what + ": the broker describes another number of topics");
  const rd_kafka_error_t* error = rd_kafka_TopicDescription_error(described[0]);
  if (error != nullptr && rd_kafka_error_code(error) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return unavailable(what + ": " + rd_kafka_error_string(error));
  return std::string(rd_kafka_Uuid_base64str(rd_kafka_TopicDescription_topic_id(described[0])));
}

}  // namespace boxoffice::event_log::kafka
