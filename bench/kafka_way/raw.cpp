#include <librdkafka/rdkafka.h>

#include <array>
#include <atomic>
#include <map>
#include <stdexcept>
#include <thread>

#include "bench/kafka_way/way.hpp"
#include "bench/log_layout/events.hpp"

namespace boxoffice::bench {
namespace {

using Properties = std::map<std::string, std::string>;

constexpr int kPartition = 0;
constexpr int kPollMs = 100;
constexpr int kPatienceMs = 10'000;
constexpr std::size_t kCommandsAtOnce = 4096;

void check(rd_kafka_error_t* error, const char* what) {
  if (error == nullptr) return;
  const std::string why = rd_kafka_error_string(error);
  rd_kafka_error_destroy(error);
  throw std::runtime_error(std::string(what) + ": " + why);
}

struct Destroy {
  void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
  void operator()(rd_kafka_t* client) const { rd_kafka_destroy(client); }
  void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
};
using Client = std::unique_ptr<rd_kafka_t, Destroy>;
using Queue = std::unique_ptr<rd_kafka_queue_t, Destroy>;
using Topic = std::unique_ptr<rd_kafka_topic_t, Destroy>;

Client client(rd_kafka_type_t type, const std::string& brokers, const Properties& properties) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  char reason[512];
  Properties all = properties;
  all["bootstrap.servers"] = brokers;
  for (const auto& [name, value] : all)
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), reason, sizeof reason) !=
        RD_KAFKA_CONF_OK)
      throw std::runtime_error(reason);
  // Without one, a commit looks only every 10 ms whether all is delivered.
  if (type == RD_KAFKA_PRODUCER)
    rd_kafka_conf_set_dr_msg_cb(conf, [](rd_kafka_t*, const rd_kafka_message_t*, void*) {});
  Client made(rd_kafka_new(type, conf, reason, sizeof reason));
  if (!made) throw std::runtime_error(reason);
  return made;
}

/// The first record for a topic that a client does not know waits for a second; and it forgets one
/// that nobody holds.
Topic topic(const Client& client, const std::string& name) {
  Topic known(rd_kafka_topic_new(client.get(), name.c_str(), nullptr));
  const rd_kafka_metadata_t* metadata = nullptr;
  if (rd_kafka_metadata(client.get(), 0, nullptr, &metadata, kPatienceMs) ==
      RD_KAFKA_RESP_ERR_NO_ERROR)
    rd_kafka_metadata_destroy(metadata);
  return known;
}

void produce(const Topic& topic, std::string_view key, std::string_view value, int flags) {
  if (rd_kafka_produce(topic.get(), kPartition, flags, const_cast<char*>(value.data()),
                       value.size(), key.data(), key.size(), nullptr) != 0)
    throw std::runtime_error(rd_kafka_err2str(rd_kafka_last_error()));
}

/// Reads what comes into a topic from now on.
class Incoming {
 public:
  Incoming(const std::string& brokers, const std::string& topic)
      : client_(client(RD_KAFKA_CONSUMER, brokers,
                       {{"group.id", "none"},
                        {"isolation.level", "read_committed"},
                        {"enable.auto.commit", "false"},
                        {"fetch.wait.max.ms", "100"}})) {
    rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(1);
    std::int64_t low = 0, high = 0;
    if (rd_kafka_query_watermark_offsets(client_.get(), topic.c_str(), kPartition, &low, &high,
                                         kPatienceMs) != RD_KAFKA_RESP_ERR_NO_ERROR)
      throw std::runtime_error("no broker tells where " + topic + " ends");
    rd_kafka_topic_partition_list_add(list, topic.c_str(), kPartition)->offset = high;
    rd_kafka_assign(client_.get(), list);
    rd_kafka_topic_partition_list_destroy(list);
    queue_.reset(rd_kafka_queue_get_consumer(client_.get()));
  }

  /// Waits a moment for one, and shows it and all that has come with it.
  template <class Show>
  void take(const Show& show) {
    if (rd_kafka_message_t* first = rd_kafka_consumer_poll(client_.get(), kPollMs)) {
      shown(first, show);
      const ssize_t count =
          rd_kafka_consume_batch_queue(queue_.get(), 0, messages_.data(), messages_.size());
      for (ssize_t i = 0; i < count; ++i) shown(messages_[static_cast<std::size_t>(i)], show);
    }
  }

 private:
  template <class Show>
  static void shown(rd_kafka_message_t* message, const Show& show) {
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
      show(std::string_view(static_cast<const char*>(message->payload), message->len),
           std::string_view(static_cast<const char*>(message->key), message->key_len));
    rd_kafka_message_destroy(message);
  }

  Client client_;
  Queue queue_;
  std::array<rd_kafka_message_t*, kCommandsAtOnce> messages_{};
};

/// A transactional producer; two of them take turns.
class Turn {
 public:
  Turn(const std::string& brokers, const std::string& prefix, const std::string& id)
      : client_(client(
            RD_KAFKA_PRODUCER, brokers,
            {{"transactional.id", prefix + id}, {"linger.ms", "0"}, {"retry.backoff.ms", "1"}})),
        events(topic(client_, prefix + "boxoffice.claims")),
        replies(topic(client_, prefix + "boxoffice.replies")) {
    check(rd_kafka_init_transactions(client_.get(), kPatienceMs), "init_transactions");
  }

  void begin() { check(rd_kafka_begin_transaction(client_.get()), "begin"); }
  void commit() { check(rd_kafka_commit_transaction(client_.get(), kPatienceMs), "commit"); }

 private:
  Client client_;

 public:
  const Topic events, replies;
};

class Raw final : public Way {
 public:
  Raw(const event_log::KafkaSettings& settings, OnReply on_reply)
      : on_reply_(std::move(on_reply)),
        arriving_(settings.bootstrap_servers, settings.prefix + "boxoffice.commands"),
        replied_(settings.bootstrap_servers, settings.prefix + "boxoffice.replies"),
        turns_{Turn(settings.bootstrap_servers, settings.prefix, "raw-a"),
               Turn(settings.bootstrap_servers, settings.prefix, "raw-b")},
        posting_(client(RD_KAFKA_PRODUCER, settings.bootstrap_servers,
                        {{"linger.ms", "1"}, {"enable.idempotence", "true"}})),
        commands_(topic(posting_, settings.prefix + "boxoffice.commands")) {
    deciding_ = std::thread([this] {
      while (!stopping_) decide();
    });
    reading_ = std::thread([this] {
      while (!stopping_)
        replied_.take(
            [this](std::string_view, std::string_view key) { on_reply_(number_of(key)); });
    });
    acknowledging_ = std::thread([this] {
      while (!stopping_) rd_kafka_poll(posting_.get(), kPollMs);
    });
  }
  ~Raw() override {
    stopping_ = true;
    for (std::thread* each : {&deciding_, &reading_, &acknowledging_}) each->join();
  }

  void post(std::uint64_t number) override {
    produce(commands_, "one-occasion", command_of(number), RD_KAFKA_MSG_F_COPY);
  }

  std::uint64_t transactions() const override { return transactions_; }

 private:
  void decide() {
    numbers_.clear();
    arriving_.take(
        [this](std::string_view value, std::string_view) { numbers_.push_back(number_of(value)); });
    if (numbers_.empty()) return;
    Batch batch;
    for (std::size_t i = 0; i < numbers_.size(); ++i) events_.add_to(batch, {kPartition});
    const std::string reply(kReplyBytes, 'r');
    Turn& turn = turns_[transactions_ % turns_.size()];
    turn.begin();
    for (const event_log::CommittedEvent& event : batch.events)
      produce(turn.events, event.envelope.subject, event.value, 0);
    for (const std::uint64_t number : numbers_)
      produce(turn.replies, std::to_string(number), reply, 0);
    turn.commit();
    ++transactions_;
  }

  const OnReply on_reply_;
  Incoming arriving_;
  Incoming replied_;
  std::array<Turn, 2> turns_;
  Client posting_;
  const Topic commands_;
  Numbers numbers_;
  Events events_;
  std::atomic<std::uint64_t> transactions_ = 0;
  std::atomic<bool> stopping_ = false;
  std::thread deciding_, reading_, acknowledging_;
};

}  // namespace

std::unique_ptr<Way> raw(const event_log::KafkaSettings& settings, Way::OnReply on_reply) {
  if (const auto made = event_log::open_kafka(settings); !made)
    throw std::runtime_error(made.error().message);
  return std::make_unique<Raw>(settings, std::move(on_reply));
}

}  // namespace boxoffice::bench
