#include "event-log/kafka/idempotent_producer.hpp"

#include <librdkafka/rdkafka.h>
#include <pthread.h>

#include <mutex>

#include "event-log/kafka/lanes.hpp"

namespace boxoffice::event_log::kafka {
namespace {

constexpr std::chrono::milliseconds kLook{100};
/// What is fatal may be so again at once: a principal that may not write, for instance.
constexpr std::chrono::milliseconds kAnewEvery{1'000};

void hear(rd_kafka_t* client, const rd_kafka_message_t* record, void*) {
  const auto* making = static_cast<const IdempotentProducer::Making*>(Client::opaque_of(client));
  making->delivered(*record, making->of);
}

/// Its callbacks are called for all that was under way.
void end(Client& client) {
  rd_kafka_purge(client.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  rd_kafka_flush(client.get(), static_cast<int>(kLook.count()));
}

std::optional<std::string> fatal_error_of(const Client& client) {
  char reason[512];
  const auto error = rd_kafka_fatal_error(client.get(), reason, sizeof reason);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
  return std::string(rd_kafka_err2str(error)) + ": " + reason;
}

}  // namespace

Result<std::unique_ptr<IdempotentProducer>> IdempotentProducer::open(const KafkaSettings& settings,
                                                                     Making making) {
  std::unique_ptr<IdempotentProducer> producer(new IdempotentProducer(settings, std::move(making)));
  auto client = producer->made();
  if (!client) return std::unexpected(client.error());
  producer->client_ = std::move(*client);
  producer->thread_ = std::thread([raw = producer.get()] { raw->run(); });
  return producer;
}

IdempotentProducer::IdempotentProducer(const KafkaSettings& settings, Making making)
    : settings_(settings), making_(std::move(making)) {}

IdempotentProducer::~IdempotentProducer() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
  if (client_) end(*client_);
}

Result<std::unique_ptr<Client>> IdempotentProducer::made() const {
  Properties properties = making_.properties;
  properties["enable.idempotence"] = "true";
  auto client = Client::open(
      settings_, Kind::producer, properties,
      [](void* conf, void*) {
        rd_kafka_conf_set_dr_msg_cb(static_cast<rd_kafka_conf_t*>(conf), hear);
      },
      const_cast<Making*>(&making_));
  if (!client) return std::unexpected(client.error());
  if (auto known = (*client)->know(topic_names(settings_.prefix), within(settings_.read_timeout));
      !known)
    return std::unexpected(known.error());
  return client;
}

std::optional<std::string> IdempotentProducer::fatal_error() const { return use(fatal_error_of); }

void IdempotentProducer::run() {
  pthread_setname_np(pthread_self(), making_.thread.c_str());
  while (!stopping_) {
    rd_kafka_poll(client_->get(), static_cast<int>(kLook.count()));
    if (fatal_error_of(*client_) && Clock::now() >= anew_at_) make_anew();
    if (making_.meanwhile) making_.meanwhile(*this);
  }
}

void IdempotentProducer::make_anew() {
  end(*client_);
  auto anew = made();
  anew_at_ = within(kAnewEvery);
  if (!anew) return;  // the brokers are away, and it is tried again
  {
    const std::unique_lock lock(mutex_);
    std::swap(client_, *anew);
  }
  end(**anew);  // with what was handed over just before it turned fatal
}

}  // namespace boxoffice::event_log::kafka
