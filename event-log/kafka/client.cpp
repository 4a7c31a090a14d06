#include "event-log/kafka/client.hpp"

#include <librdkafka/rdkafka.h>

#include <algorithm>

namespace boxoffice::event_log::kafka {
struct Callbacks {
  static void log(const rd_kafka_t* handle, int level, const char* facility, const char* text) {
    const auto* client = static_cast<const Client*>(rd_kafka_opaque(handle));
    if (client != nullptr && client->on_log_)
      client->on_log_(level, std::string(facility) + ": " + text);
  }
};

int milliseconds_until(Deadline deadline) {
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
  return static_cast<int>(std::clamp<long>(left, 1, 3'600'000));
}

/// A member of a group has said good-bye before, or could not.
void Destroy::operator()(rd_kafka_s* client) const {
  rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}
void Destroy::operator()(rd_kafka_topic_s* topic) const { rd_kafka_topic_destroy(topic); }
void Destroy::operator()(rd_kafka_message_s* message) const { rd_kafka_message_destroy(message); }
void Destroy::operator()(rd_kafka_error_s* error) const { rd_kafka_error_destroy(error); }
void Destroy::operator()(rd_kafka_queue_s* queue) const { rd_kafka_queue_destroy(queue); }
void Destroy::operator()(rd_kafka_topic_partition_list_s* list) const {
  rd_kafka_topic_partition_list_destroy(list);
}

std::unexpected<LogError> unavailable(std::string what) {
  return std::unexpected(LogError{LogErrorKind::unavailable, "kafka: " + std::move(what)});
}
std::unexpected<LogError> corrupt(std::string what) {
  return std::unexpected(LogError{LogErrorKind::corrupt, "kafka: " + std::move(what)});
}
std::unexpected<LogError> misconfigured(std::string what) {
  return std::unexpected(LogError{LogErrorKind::wrong_format, "kafka: " + std::move(what)});
}

Result<std::unique_ptr<Client>> Client::open(const KafkaSettings& settings, Kind kind,
                                             const Properties& own, Adapt adapt, void* opaque) {
  auto configured = configuration(kind, own, settings.properties);
  if (!configured) return misconfigured(std::move(configured.error()));
  Conf conf = std::move(*configured);
  char reason[512];
  if (rd_kafka_conf_set(conf.get(), "bootstrap.servers", settings.bootstrap_servers.c_str(), reason,
                        sizeof reason) != RD_KAFKA_CONF_OK)
    return misconfigured(std::string("the brokers were refused: ") + reason);

  std::unique_ptr<Client> client(new Client);
  client->on_log_ = settings.on_log;
  client->opaque_ = opaque;
  rd_kafka_conf_set_opaque(conf.get(), client.get());
  rd_kafka_conf_set_log_cb(conf.get(), Callbacks::log);
  if (adapt != nullptr) adapt(conf.get(), opaque);

  const auto type = kind == Kind::producer ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER;
  client->client_.reset(rd_kafka_new(type, conf.get(), reason, sizeof reason));
  if (!client->client_)
    return misconfigured("librdkafka does not start with the setting kafka-properties: " +
                         without_secrets(reason, settings.properties));
  (void)conf.release();  // librdkafka's now
  return client;
}

Result<void> Client::know(const std::vector<std::string>& names, Deadline deadline) {
  names_ = names;
  for (const std::string& name : names)
    topics_.emplace_back(rd_kafka_topic_new(client_.get(), name.c_str(), nullptr));
  for (;;) {
    const rd_kafka_metadata_t* metadata = nullptr;
    const auto error =
        rd_kafka_metadata(client_.get(), 0, nullptr, &metadata, milliseconds_until(deadline));
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) rd_kafka_metadata_destroy(metadata);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
    if (Clock::now() >= deadline)
      return unavailable(std::string("no broker tells about the topics: ") +
                         rd_kafka_err2str(error));
  }
}

Result<std::string> Client::cluster_id(Deadline deadline) const {
  char* id = rd_kafka_clusterid(client_.get(), milliseconds_until(deadline));
  if (id == nullptr) return unavailable("no broker tells the cluster's id");
  std::string text = id;
  rd_kafka_mem_free(client_.get(), id);
  return text;
}

void* Client::opaque_of(const rd_kafka_s* client) {
  return static_cast<const Client*>(rd_kafka_opaque(client))->opaque_;
}

void Client::close() {
  topics_.clear();
  client_.reset();
}

}  // namespace boxoffice::event_log::kafka
