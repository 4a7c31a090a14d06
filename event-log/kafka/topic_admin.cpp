#include "event-log/kafka/topic_admin.hpp"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <span>

namespace boxoffice::event_log::kafka {
namespace {

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
using Wanted = std::unique_ptr<rd_kafka_NewTopic_t, By<rd_kafka_NewTopic_destroy>>;
using Resource = std::unique_ptr<rd_kafka_ConfigResource_t, By<rd_kafka_ConfigResource_destroy>>;
using Metadata = std::unique_ptr<const rd_kafka_metadata_t, By<rd_kafka_metadata_destroy>>;

/// Zeros, as librdkafka writes them.
constexpr std::string_view kNoId = "AAAAAAAAAAAAAAAAAAAAAA";

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

Replicas replicas_of(const rd_kafka_metadata_topic_t& topic) {
  Replicas found;
  for (const auto& partition : std::span(topic.partitions, std::size_t(topic.partition_cnt)))
    found.emplace_back(partition.replicas, partition.replicas + partition.replica_cnt);
  return found;
}

/// Whether waiting is of no use: the topic is not allowed as it is wanted, or not to us.
bool is_final(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_INVALID_PARTITIONS:
    case RD_KAFKA_RESP_ERR_INVALID_CONFIG:
    case RD_KAFKA_RESP_ERR_INVALID_REQUEST:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
      return true;
    default:
      return false;
  }
}

std::unexpected<LogError> cannot_be_made(const std::string& name, const char* why, bool is_final) {
  std::string what = "topic " + name + " cannot be made: " + why;
  return is_final ? misconfigured(std::move(what)) : unavailable(std::move(what));
}

Result<Wanted> as_wanted(const NewTopic& topic) {
  char reason[256];
  Wanted wanted(rd_kafka_NewTopic_new(topic.name.c_str(), topic.partitions, topic.replicas, reason,
                                      sizeof reason));
  if (!wanted) return cannot_be_made(topic.name, reason, true);
  for (const auto& [name, value] : topic.properties)
    rd_kafka_NewTopic_set_config(wanted.get(), name.c_str(), value.c_str());
  return wanted;
}

Properties properties_in(const rd_kafka_ConfigResource_t* described) {
  Properties properties;
  std::size_t count = 0;
  const rd_kafka_ConfigEntry_t** entries = rd_kafka_ConfigResource_configs(described, &count);
  for (const rd_kafka_ConfigEntry_t* entry : std::span(entries, count))
    if (const char* value = rd_kafka_ConfigEntry_value(entry); value != nullptr)
      properties.emplace(rd_kafka_ConfigEntry_name(entry), value);
  return properties;
}

}  // namespace

int fewest(const Replicas& replicas) {
  if (replicas.empty()) return 0;
  return static_cast<int>(
      std::ranges::min_element(replicas, {}, &Replicas::value_type::size)->size());
}

Result<FoundTopics> find_topics(const Client& client, const std::vector<std::string>& names,
                                Deadline deadline) {
  const auto told = metadata_of(client, deadline);
  if (!told) return std::unexpected(told.error());
  const rd_kafka_metadata_t& metadata = **told;
  FoundTopics found;
  found.topics.resize(names.size());
  for (const auto& broker : std::span(metadata.brokers, std::size_t(metadata.broker_cnt)))
    found.brokers.push_back(broker.id);
  std::ranges::sort(found.brokers);
  for (const auto& topic : std::span(metadata.topics, std::size_t(metadata.topic_cnt))) {
    const auto name = std::ranges::find(names, topic.topic);
    if (name == names.end() || topic.err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    found.topics[static_cast<std::size_t>(name - names.begin())] =
        FoundTopic{.replicas = replicas_of(topic), .properties = {}};
  }
  return found;
}

Result<void> make_topics(const Client& client, const std::vector<NewTopic>& topics,
                         Deadline deadline) {
  std::vector<Wanted> wanted;
  std::vector<rd_kafka_NewTopic_t*> pointers;
  for (const NewTopic& topic : topics) {
    auto each = as_wanted(topic);
    if (!each) return std::unexpected(each.error());
    pointers.push_back(each->get());
    wanted.push_back(std::move(*each));
  }
  const Queue queue(rd_kafka_queue_new(client.get()));
  const Options how = options(client, RD_KAFKA_ADMIN_OP_CREATETOPICS, deadline);
  rd_kafka_CreateTopics(client.get(), pointers.data(), pointers.size(), how.get(), queue.get());
  const auto event = wait_for(queue, "making topics", deadline);
  if (!event) return std::unexpected(event.error());
  std::size_t count = 0;
  const rd_kafka_topic_result_t** results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event->get()), &count);
  for (const rd_kafka_topic_result_t* result : std::span(results, count)) {
    const auto error = rd_kafka_topic_result_error(result);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR || error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
      continue;
    return cannot_be_made(rd_kafka_topic_result_name(result),
                          rd_kafka_topic_result_error_string(result), is_final(error));
  }
  return {};
}

Result<bool> read_properties(const Client& client, const std::vector<std::string>& names,
                             FoundTopics& found, Deadline deadline) {
  std::vector<Resource> resources;
  std::vector<rd_kafka_ConfigResource_t*> pointers;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!found.topics[i]) continue;
    resources.emplace_back(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, names[i].c_str()));
    pointers.push_back(resources.back().get());
  }
  if (pointers.empty()) return true;
  const Queue queue(rd_kafka_queue_new(client.get()));
  const Options how = options(client, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, deadline);
  rd_kafka_DescribeConfigs(client.get(), pointers.data(), pointers.size(), how.get(), queue.get());
  const auto event = wait_for(queue, "reading the topics' properties", deadline);
  if (!event) return std::unexpected(event.error());
  std::size_t count = 0;
  const rd_kafka_ConfigResource_t** described = rd_kafka_DescribeConfigs_result_resources(
      rd_kafka_event_DescribeConfigs_result(event->get()), &count);
  for (const rd_kafka_ConfigResource_t* topic : std::span(described, count)) {
    const std::string name = rd_kafka_ConfigResource_name(topic);
    const auto error = rd_kafka_ConfigResource_error(topic);
    if (error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) return false;
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
      return unavailable("reading the properties of topic " + name + ": " +
                         rd_kafka_ConfigResource_error_string(topic));
    const auto index = std::ranges::find(names, name) - names.begin();
    found.topics[static_cast<std::size_t>(index)]->properties = properties_in(topic);
  }
  return true;
}

void ask_for_id(const Client& client, const std::string& topic, rd_kafka_queue_t& answers,
                Deadline deadline) {
  const char* name = topic.c_str();
  const Collection collection(rd_kafka_TopicCollection_of_topic_names(&name, 1));
  const Options how = options(client, RD_KAFKA_ADMIN_OP_DESCRIBETOPICS, deadline);
  rd_kafka_DescribeTopics(client.get(), collection.get(), how.get(), &answers);
}

Result<std::string> id_in(rd_kafka_event_t& answer) {
  if (rd_kafka_event_error(&answer) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return unavailable(rd_kafka_event_error_string(&answer));
  std::size_t count = 0;
  const rd_kafka_TopicDescription_t** described =
      rd_kafka_DescribeTopics_result_topics(rd_kafka_event_DescribeTopics_result(&answer), &count);
  if (count != 1) return unavailable("the broker describes another number of topics");
  const rd_kafka_error_t* error = rd_kafka_TopicDescription_error(described[0]);
  if (error != nullptr && rd_kafka_error_code(error) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return unavailable(rd_kafka_error_string(error));
  return as_tools_write_it(
      rd_kafka_Uuid_base64str(rd_kafka_TopicDescription_topic_id(described[0])));
}

Result<std::string> topic_id(const Client& client, const std::string& topic, Deadline deadline) {
  const std::string what = "asking for the id of topic " + topic;
  const Queue queue(rd_kafka_queue_new(client.get()));
  ask_for_id(client, topic, *queue, deadline);
  const auto answer = wait_for(queue, what, deadline);
  if (!answer) return std::unexpected(answer.error());
  auto id = id_in(**answer);
  if (!id) return unavailable(what + ": " + id.error().message);
  return id;
}

std::string as_tools_write_it(std::string id) {
  if (id == kNoId) return {};
  std::ranges::replace(id, '+', '-');
  std::ranges::replace(id, '/', '_');
  return id;
}

}  // namespace boxoffice::event_log::kafka
