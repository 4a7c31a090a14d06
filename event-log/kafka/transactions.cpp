#include "event-log/kafka/transactions.hpp"

#include <librdkafka/rdkafka.h>

#include <thread>

namespace boxoffice::event_log::kafka {
namespace {

constexpr std::int16_t kEndTxn = 26;  // Kafka's number of the request
constexpr std::chrono::milliseconds kAbortTimeoutMin{1000};
constexpr std::chrono::milliseconds kRetry{10};
constexpr std::chrono::milliseconds kLifetimeMin{20'000};

using Error = Handle<rd_kafka_error_t>;

std::string text_of(const Error& error) {
  return std::string(rd_kafka_error_name(error.get())) + ": " + rd_kafka_error_string(error.get());
}

bool is_fencing(const Error& error) {
  const auto code = rd_kafka_error_code(error.get());
  return code == RD_KAFKA_RESP_ERR__FENCED || code == RD_KAFKA_RESP_ERR_PRODUCER_FENCED ||
         code == RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH;
}

std::chrono::milliseconds socket_timeout(rd_kafka_t* client) {
  char text[32];
  std::size_t size = sizeof text;
  const rd_kafka_conf_t* conf = rd_kafka_conf(client);
  if (rd_kafka_conf_get(conf, "socket.timeout.ms", text, &size) != RD_KAFKA_CONF_OK)
    return std::chrono::milliseconds(10'000);
  return std::chrono::milliseconds(std::stol(text));
}

void delivered(rd_kafka_t*, const rd_kafka_message_t* message, void*) {
  if (message->_private != nullptr && message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
    *static_cast<std::int64_t*>(message->_private) = message->offset;
}

}  // namespace

struct Intercept {
  static rd_kafka_resp_err_t sent(rd_kafka_t*, int, const char*, std::int32_t, std::int16_t request,
                                  std::int16_t, std::int32_t, std::size_t, void* count) {
    if (request == kEndTxn) ++*static_cast<std::atomic<int>*>(count);
    return RD_KAFKA_RESP_ERR_NO_ERROR;
  }

  static rd_kafka_resp_err_t begin(rd_kafka_t* client, const rd_kafka_conf_t*, void* count, char*,
                                   std::size_t) {
    return rd_kafka_interceptor_add_on_request_sent(client, "ends of transactions", sent, count);
  }
};

Result<std::unique_ptr<Transactions>> Transactions::fence(const KafkaSettings& settings,
                                                          const std::string& id,
                                                          Deadline deadline) {
  auto ends_sent = std::make_unique<std::atomic<int>>(0);
  const auto timeout = settings.commit_timeout;
  // A transaction must live longer than its messages, and an answer, may take.
  const auto lifetime = std::max(timeout * 2, kLifetimeMin);
  auto client = Client::open(
      settings, Kind::producer,
      {{"transactional.id", id},
       {"message.timeout.ms", std::to_string(timeout.count())},
       {"transaction.timeout.ms", std::to_string(lifetime.count())}},
      [](void* conf, void* count) {
        rd_kafka_conf_set_dr_msg_cb(static_cast<rd_kafka_conf_t*>(conf), delivered);
        rd_kafka_conf_interceptor_add_on_new(static_cast<rd_kafka_conf_t*>(conf),
                                             "ends of transactions", Intercept::begin, count);
      },
      ends_sent.get());
  if (!client) return std::unexpected(client.error());
  if (auto known = (*client)->know(topic_names(settings.prefix), deadline); !known)
    return std::unexpected(known.error());
  for (;;) {
    const Error error(rd_kafka_init_transactions((*client)->get(), milliseconds_until(deadline)));
    if (!error) break;
    if (!rd_kafka_error_is_retriable(error.get()) || Clock::now() >= deadline)
      return unavailable("fencing " + id + " failed: " + text_of(error));
  }
  const auto socket = socket_timeout((*client)->get());
  return std::unique_ptr<Transactions>(
      new Transactions(std::move(ends_sent), std::move(*client), timeout, socket));
}

Outcome Transactions::commit(const Batch& batch, Partition partition,
                             std::vector<std::int64_t>& offsets) {
  const auto begun = Clock::now();
  const Deadline deadline = begun + timeout_;
  *ends_sent_ = 0;
  offsets.assign(batch.events.size(), -1);
  if (const Error error(rd_kafka_begin_transaction(client_->get())); error)
    return give_up("no transaction could be begun: " + text_of(error), is_fencing(error));
  for (std::size_t i = 0; i < batch.events.size(); ++i) {
    const CommittedEvent& event = batch.events[i];
    const std::string_view value = event.value;
    const auto failed =
        produce(static_cast<std::size_t>(event.topic), partition, event.envelope.subject, &value,
                event.envelope.time.time_since_epoch().count(), &offsets[i], deadline);
    if (failed) return abort(*failed);
  }
  for (const KeyRecord& key : batch.keys) {
    const std::string_view value = key.value;
    const auto failed = produce(lane_of_key(key.name), partition, key.name,
                                value.empty() ? nullptr : &value, 0, nullptr, deadline);
    if (failed) return abort(*failed);
  }
  for (const ReplyRecord& reply : batch.replies) {
    const std::string_view value = reply.value;
    const auto failed = produce(kRepliesLane, partition, reply.to, &value, 0, nullptr, deadline);
    if (failed) return abort(*failed);
  }
  return finish(deadline, begun);
}

Outcome Transactions::commit_key(Partition partition, std::string_view name,
                                 std::string_view value) {
  const Batch batch{.events = {}, .keys = {{partition, std::string(name), std::string(value)}}};
  std::vector<std::int64_t> no_offsets;
  return commit(batch, partition, no_offsets);
}

std::optional<std::string> Transactions::produce(std::size_t lane, Partition partition,
                                                 std::string_view key,
                                                 const std::string_view* value, std::int64_t time,
                                                 std::int64_t* offset, Deadline deadline) {
  std::array<rd_kafka_vu_t, 7> parts;
  std::size_t count = 0;
  const auto part = [&](rd_kafka_vtype_t type) -> auto& {
    parts[count].vtype = type;
    return parts[count++].u;
  };
  part(RD_KAFKA_VTYPE_RKT).rkt = client_->topic(lane);
  part(RD_KAFKA_VTYPE_PARTITION).i32 = partition.value;
  part(RD_KAFKA_VTYPE_KEY).mem = {const_cast<char*>(key.data()), key.size()};
  // Not copied: the batch outlives the transaction. No value is a tombstone.
  if (value != nullptr)
    part(RD_KAFKA_VTYPE_VALUE).mem = {const_cast<char*>(value->data()), value->size()};
  part(RD_KAFKA_VTYPE_TIMESTAMP).i64 = time;
  part(RD_KAFKA_VTYPE_OPAQUE).ptr = offset;
  if (const std::string_view type = content_type(lane); !type.empty())
    part(RD_KAFKA_VTYPE_HEADER).header = {"content-type", type.data(),
                                          static_cast<ssize_t>(type.size())};
  for (;;) {
    const Error error(rd_kafka_produceva(client_->get(), parts.data(), count));
    if (!error) return std::nullopt;
    const bool is_full = rd_kafka_error_code(error.get()) == RD_KAFKA_RESP_ERR__QUEUE_FULL;
    if (!is_full || Clock::now() >= deadline) return "a record was refused: " + text_of(error);
    rd_kafka_poll(client_->get(), 1);
  }
}

Outcome Transactions::finish(Deadline deadline, Clock::time_point begun) {
  for (;;) {
    const Error error(rd_kafka_commit_transaction(client_->get(), milliseconds_until(deadline)));
    if (!error) break;
    if (rd_kafka_error_txn_requires_abort(error.get())) return abort(text_of(error));
    if (rd_kafka_error_is_retriable(error.get()) && Clock::now() < deadline) {
      std::this_thread::sleep_for(kRetry);
      continue;
    }
    return give_up(text_of(error), is_fencing(error));
  }
  // It is committed. But a second request to end it may still be on its way, and would end the next
  // transaction of this id in its midst; so it must have no next one.
  if (*ends_sent_ > 1) return {Fate::in_doubt, "its end was sent to the broker more than once"};
  if (Clock::now() - begun > socket_timeout_)
    return {Fate::in_doubt, "committing took longer than the connection may be silent"};
  return {Fate::committed, ""};
}

Outcome Transactions::abort(std::string why) {
  const Deadline deadline = within(std::max(timeout_, kAbortTimeoutMin));
  for (;;) {
    const Error error(rd_kafka_abort_transaction(client_->get(), milliseconds_until(deadline)));
    // Where no other end was sent, the broker has processed the abort and nothing else.
    if (!error && *ends_sent_ <= 1) return {Fate::lost, std::move(why)};
    if (!error) return give_up(std::move(why), false);
    if (rd_kafka_error_is_retriable(error.get()) && Clock::now() < deadline) {
      std::this_thread::sleep_for(kRetry);
      continue;
    }
    why += "; aborting failed: " + text_of(error);
    return give_up(std::move(why), is_fencing(error));
  }
}

Outcome Transactions::give_up(std::string why, bool is_fenced) {
  // What was sent is known for certain only once librdkafka's threads have ended.
  client_->close();
  const int sent = *ends_sent_;
  // The answer to the only request was that of the fence: it has ended nothing.
  if (is_fenced && sent <= 1) return {Fate::fenced, std::move(why)};
  return {sent == 0 ? Fate::lost : Fate::in_doubt, std::move(why)};
}

}  // namespace boxoffice::event_log::kafka
