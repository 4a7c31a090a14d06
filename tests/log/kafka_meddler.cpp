#include "tests/log/kafka_meddler.hpp"

#include <librdkafka/rdkafka.h>

#include "event-log/require.hpp"

namespace boxoffice::event_log::testing {
namespace {

constexpr int kTimeoutMs = 20'000;

rd_kafka_t* producer(const std::string& bootstrap_servers, const std::string& transactional_id) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  char reason[256];
  const auto set = [&](const char* name, const std::string& value) {
    require(rd_kafka_conf_set(conf, name, value.c_str(), reason, sizeof reason) == RD_KAFKA_CONF_OK,
            reason);
  };
  set("bootstrap.servers", bootstrap_servers);
  set("log_level", "0");
  if (!transactional_id.empty()) set("transactional.id", transactional_id);
  rd_kafka_conf_set_dr_msg_cb(conf, [](rd_kafka_t*, const rd_kafka_message_t* message, void*) {
    require(message->err == RD_KAFKA_RESP_ERR_NO_ERROR ||
                message->err == RD_KAFKA_RESP_ERR__PURGE_QUEUE,
            rd_kafka_err2str(message->err));
  });
  rd_kafka_t* client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason, sizeof reason);
  require(client != nullptr, reason);
  return client;
}

void produce(rd_kafka_t* client, const std::string& topic, int partition, std::string_view value) {
  rd_kafka_topic_t* handle = rd_kafka_topic_new(client, topic.c_str(), nullptr);
  const int failed =
      rd_kafka_produce(handle, partition, RD_KAFKA_MSG_F_COPY, const_cast<char*>(value.data()),
                       value.size(), nullptr, 0, nullptr);
  require(failed == 0, rd_kafka_err2str(rd_kafka_last_error()));
  require(rd_kafka_flush(client, kTimeoutMs) == RD_KAFKA_RESP_ERR_NO_ERROR,
          "the record is delivered");
  rd_kafka_topic_destroy(handle);
}

/// Waits for an operation of the administrator and returns what came of it.
rd_kafka_event_t* outcome(rd_kafka_queue_t* queue) {
  rd_kafka_event_t* event = rd_kafka_queue_poll(queue, kTimeoutMs);
  require(event != nullptr, "the cluster answers");
  require(rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR_NO_ERROR,
          rd_kafka_event_error_string(event));
  return event;
}

}  // namespace

struct Meddler::Connection {
  rd_kafka_t* client;
};

Meddler::Meddler(const std::string& bootstrap_servers)
    : bootstrap_servers_(bootstrap_servers),
      connection_(new Connection{producer(bootstrap_servers, "")}) {}
Meddler::~Meddler() { rd_kafka_destroy(connection_->client); }

void Meddler::write(const std::string& topic, int partition, std::string_view value) {
  produce(connection_->client, topic, partition, value);
}

void Meddler::delete_before(const std::string& topic, int partition, std::int64_t offset) {
  rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(list, topic.c_str(), partition)->offset = offset;
  rd_kafka_DeleteRecords_t* wanted = rd_kafka_DeleteRecords_new(list);
  rd_kafka_queue_t* queue = rd_kafka_queue_new(connection_->client);
  rd_kafka_DeleteRecords(connection_->client, &wanted, 1, nullptr, queue);
  rd_kafka_event_t* event = outcome(queue);
  const auto* deleted =
      rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(event));
  require(deleted->elems[0].err == RD_KAFKA_RESP_ERR_NO_ERROR,
          rd_kafka_err2str(deleted->elems[0].err));
  rd_kafka_event_destroy(event);
  rd_kafka_queue_destroy(queue);
  rd_kafka_DeleteRecords_destroy(wanted);
  rd_kafka_topic_partition_list_destroy(list);
}

void Meddler::make_topic(const std::string& topic, int partitions,
                         const std::map<std::string, std::string>& properties) {
  char reason[256];
  rd_kafka_NewTopic_t* wanted =
      rd_kafka_NewTopic_new(topic.c_str(), partitions, 1, reason, sizeof reason);
  require(wanted != nullptr, reason);
  for (const auto& [name, value] : properties)
    rd_kafka_NewTopic_set_config(wanted, name.c_str(), value.c_str());
  rd_kafka_queue_t* queue = rd_kafka_queue_new(connection_->client);
  rd_kafka_CreateTopics(connection_->client, &wanted, 1, nullptr, queue);
  rd_kafka_event_t* event = outcome(queue);
  std::size_t count = 0;
  const auto** made =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
  require(count == 1 && rd_kafka_topic_result_error(made[0]) == RD_KAFKA_RESP_ERR_NO_ERROR,
          "the topic is made");
  rd_kafka_event_destroy(event);
  rd_kafka_queue_destroy(queue);
  rd_kafka_NewTopic_destroy(wanted);
}

void Meddler::delete_topic(const std::string& topic) {
  rd_kafka_DeleteTopic_t* wanted = rd_kafka_DeleteTopic_new(topic.c_str());
  rd_kafka_queue_t* queue = rd_kafka_queue_new(connection_->client);
  rd_kafka_DeleteTopics(connection_->client, &wanted, 1, nullptr, queue);
  rd_kafka_event_destroy(outcome(queue));
  rd_kafka_queue_destroy(queue);
  rd_kafka_DeleteTopic_destroy(wanted);
}

std::int64_t Meddler::committed(const std::string& group, const std::string& topic, int partition) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  char reason[256];
  for (const auto& [name, value] :
       {std::pair{"bootstrap.servers", bootstrap_servers_}, {"group.id", group}})
    require(rd_kafka_conf_set(conf, name, value.c_str(), reason, sizeof reason) == RD_KAFKA_CONF_OK,
            reason);
  rd_kafka_t* client = rd_kafka_new(RD_KAFKA_CONSUMER, conf, reason, sizeof reason);
  require(client != nullptr, reason);
  rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(list, topic.c_str(), partition);
  require(rd_kafka_committed(client, list, kTimeoutMs) == RD_KAFKA_RESP_ERR_NO_ERROR,
          "the group's coordinator answers");
  const std::int64_t offset = list->elems[0].offset;
  rd_kafka_topic_partition_list_destroy(list);
  rd_kafka_destroy(client);
  return offset;
}

struct OpenTransaction::Connection {
  rd_kafka_t* client;
};

OpenTransaction::OpenTransaction(const std::string& bootstrap_servers,
                                 const std::string& transactional_id)
    : connection_(new Connection{producer(bootstrap_servers, transactional_id)}) {
  require(rd_kafka_init_transactions(connection_->client, kTimeoutMs) == nullptr, "it is its own");
  require(rd_kafka_begin_transaction(connection_->client) == nullptr, "it begins");
}
OpenTransaction::~OpenTransaction() { rd_kafka_destroy(connection_->client); }

void OpenTransaction::write(const std::string& topic, int partition, std::string_view value) {
  produce(connection_->client, topic, partition, value);
}

std::string OpenTransaction::commit() {
  rd_kafka_error_t* error = rd_kafka_commit_transaction(connection_->client, kTimeoutMs);
  if (error == nullptr) return "";
  const std::string name = rd_kafka_error_name(error);
  rd_kafka_error_destroy(error);
  return name;
}

}  // namespace boxoffice::event_log::testing
