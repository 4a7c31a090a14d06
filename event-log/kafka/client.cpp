#include "event-log/kafka/client.hpp"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <array>

namespace boxoffice::event_log::kafka {
namespace {

struct DestroyConf {
  void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
};
using Conf = std::unique_ptr<rd_kafka_conf_t, DestroyConf>;

/// What the adapter's correctness hangs on.
constexpr std::array<std::string_view, 11> kVital{"bootstrap.servers",
                                                  "metadata.broker.list",
                                                  "transactional.id",
                                                  "enable.idempotence",
                                                  "acks",
                                                  "request.required.acks",
                                                  "isolation.level",
                                                  "enable.partition.eof",
                                                  "auto.offset.reset",
                                                  "message.timeout.ms",
                                                  "transaction.timeout.ms"};

/// Measured, each of them: see docs/kafka.md.
const Properties& defaults() {
  static const Properties properties{
      {"client.id", "boxoffice"},          {"reconnect.backoff.ms", "20"},
      {"reconnect.backoff.max.ms", "200"}, {"socket.timeout.ms", "10000"},
      {"log.connection.close", "false"},   {"enable.metrics.push", "false"},
  };
  return properties;
}

Properties of(Kind kind) {
  switch (kind) {
    case Kind::reader:
      return {{"connections.max.idle.ms", "5000"}, {"isolation.level", "read_committed"},
              {"enable.partition.eof", "true"},    {"auto.offset.reset", "earliest"},
              {"enable.auto.commit", "false"},     {"enable.auto.offset.store", "false"},
              {"fetch.wait.max.ms", "10"},         {"fetch.error.backoff.ms", "50"},
              {"fetch.queue.backoff.ms", "5"}};
    case Kind::observer:
      return {{"connections.max.idle.ms", "5000"},
              {"isolation.level", "read_uncommitted"},
              {"enable.auto.commit", "false"}};
    case Kind::producer:
      return {{"linger.ms", "0"}, {"retry.backoff.ms", "1"}};
    case Kind::member:
      // A member learns with its next heartbeat that partitions are shared out anew.
      return {{"heartbeat.interval.ms", "500"}, {"enable.auto.commit", "false"}};
  }
  return {};
}

}  // namespace

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
  Properties all = defaults();
  for (const auto& [name, value] : of(kind)) all.insert_or_assign(name, value);
  for (const auto& [name, value] : settings.properties) {
    if (std::ranges::find(kVital, name) != kVital.end())
      return misconfigured("the property " + name + " cannot be set: the log depends on it");
    all.insert_or_assign(name, value);
  }
  for (const auto& [name, value] : own) all.insert_or_assign(name, value);
  all.insert_or_assign("bootstrap.servers", settings.bootstrap_servers);

  Conf conf(rd_kafka_conf_new());
  char reason[512];
  for (const auto& [name, value] : all)
    if (rd_kafka_conf_set(conf.get(), name.c_str(), value.c_str(), reason, sizeof reason) !=
        RD_KAFKA_CONF_OK)
      return misconfigured("the property " + name + " = " + value + " was refused: " + reason);

  std::unique_ptr<Client> client(new Client);
  client->on_log_ = settings.on_log;
  client->opaque_ = opaque;
  rd_kafka_conf_set_opaque(conf.get(), client.get());
  rd_kafka_conf_set_log_cb(conf.get(), Callbacks::log);
  if (adapt != nullptr) adapt(conf.get(), opaque);

  const auto type = kind == Kind::producer ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER;
  client->client_.reset(rd_kafka_new(type, conf.get(), reason, sizeof reason));
  if (!client->client_) return misconfigured(std::string("librdkafka did not start: ") + reason);
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
