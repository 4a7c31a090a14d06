#include "event-log/kafka/reader.hpp"

#include <librdkafka/rdkafka.h>

#include <algorithm>

namespace boxoffice::event_log::kafka {
namespace {

constexpr std::size_t kRecordsAtOnceMax = 256;

}  // namespace

void Bell::ring() {
  {
    const std::lock_guard lock(mutex_);
    rung_ = true;
  }
  condition_.notify_one();
}

bool Bell::wait(Deadline deadline) {
  std::unique_lock lock(mutex_);
  const bool rung = condition_.wait_until(lock, deadline, [this] { return rung_; });
  rung_ = false;
  return rung;
}

std::int64_t Record::offset() const { return message_->offset; }
std::string_view Record::key() const {
  return {static_cast<const char*>(message_->key), message_->key_len};
}
std::string_view Record::value() const {
  return {static_cast<const char*>(message_->payload), message_->len};
}
bool Record::is_tombstone() const { return message_->payload == nullptr; }

Result<std::unique_ptr<Reader>> Reader::open(const KafkaSettings& settings, Budget budget,
                                             Deadline deadline, const Properties& own) {
  const std::string lane_kb = std::to_string(std::max<std::size_t>(1, budget.lane_bytes >> 10));
  Properties properties{{"queued.max.messages.kbytes", lane_kb},
                        {"fetch.message.max.bytes", std::to_string(budget.fetch_bytes)},
                        {"fetch.wait.max.ms", std::to_string(budget.fetch_wait.count())}};
  for (const auto& [name, value] : own) properties.insert_or_assign(name, value);
  auto client = Client::open(settings, Kind::reader, properties);
  if (!client) return std::unexpected(client.error());
  if (auto known = (*client)->know(topic_names(settings.prefix), deadline); !known)
    return std::unexpected(known.error());
  return std::unique_ptr<Reader>(
      new Reader(std::move(*client), std::min(budget.records_at_once, kRecordsAtOnceMax)));
}

struct Stream::Consumption {
  Consumption(Client& client, Lane lane, Bell& bell)
      : client(client),
        lane(lane),
        queue(rd_kafka_queue_get_partition(client.get(), client.topic_name(lane.number).c_str(),
                                           lane.partition.value)) {
    rd_kafka_queue_cb_event_enable(
        queue.get(), [](rd_kafka_t*, void* ringing) { static_cast<Bell*>(ringing)->ring(); },
        &bell);
  }
  ~Consumption() {
    rd_kafka_queue_cb_event_enable(queue.get(), nullptr, nullptr);
    (void)rd_kafka_consume_stop(client.topic(lane.number), lane.partition.value);
    // Throws away what was fetched ahead: it would count as waiting when the lane is read again.
    std::array<rd_kafka_message_t*, 1> none;
    (void)rd_kafka_consume_batch(client.topic(lane.number), lane.partition.value, 0, none.data(),
                                 none.size());
  }

  Client& client;
  const Lane lane;
  const Handle<rd_kafka_queue_t> queue;
};

Result<Stream> Stream::open(Reader& reader, Lane lane, std::int64_t from, Bell& bell) {
  auto consumption = std::make_shared<Consumption>(*reader.client_, lane, bell);
  if (rd_kafka_consume_start(reader.client_->topic(lane.number), lane.partition.value, from) != 0)
    return unavailable("cannot read " + reader.client_->topic_name(lane.number) + ": " +
                       rd_kafka_err2str(rd_kafka_last_error()));
  return Stream(reader, lane, from, std::move(consumption));
}

Stream::Stream(Reader& reader, Lane lane, std::int64_t from,
               std::shared_ptr<Consumption> consumption)
    : reader_(&reader), lane_(lane), reached_(from), consumption_(std::move(consumption)) {}

const Record* Stream::head() {
  if (arrived_.empty()) fill();
  return arrived_.empty() ? nullptr : &arrived_.front();
}

Record Stream::take() {
  Record record = std::move(arrived_.front());
  arrived_.pop_front();
  reached_ = record.offset() + 1;
  if (arrived_.empty()) reached_ = std::max(reached_, end_seen_);
  return record;
}

void Stream::fill() {
  // The bell rings once for all that waits: behind an end there may be a record.
  while (arrived_.empty() && !error_ && fill_once() == reader_->records_at_once_) {
  }
  if (arrived_.empty()) reached_ = std::max(reached_, end_seen_);
}

std::size_t Stream::fill_once() {
  std::array<rd_kafka_message_t*, kRecordsAtOnceMax> messages;
  const auto count =
      rd_kafka_consume_batch(reader_->client_->topic(lane_.number), lane_.partition.value, 0,
                             messages.data(), reader_->records_at_once_);
  for (ssize_t i = 0; i < count; ++i) {
    Handle<rd_kafka_message_s> message(messages[static_cast<std::size_t>(i)]);
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      reader_->records_.fetch_add(1, std::memory_order_relaxed);
      arrived_.emplace_back(std::move(message));
      was_heard_of_ = true;
    } else if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      end_seen_ = std::max(end_seen_, message->offset);
      was_heard_of_ = true;
    } else {
      error_ = LogError{LogErrorKind::unavailable,
                        "kafka: reading " + reader_->client_->topic_name(lane_.number) + " [" +
                            std::to_string(lane_.partition.value) +
                            "] failed: " + rd_kafka_message_errstr(message.get())};
    }
  }
  return count < 0 ? 0 : static_cast<std::size_t>(count);
}

Result<std::shared_ptr<Reader>> Readers::lend(std::span<const Partition> partitions,
                                              std::optional<Deadline> deadline) {
  const std::lock_guard lock(mutex_);
  const auto is_free = [&](const std::shared_ptr<Lent>& lent) {
    return std::ranges::none_of(partitions,
                                [&](Partition partition) { return lent->in_use[partition.value]; });
  };
  auto found = std::ranges::find_if(lent_, is_free);
  if (found == lent_.end()) {
    auto reader =
        Reader::open(settings_, budget_, deadline.value_or(within(settings_.read_timeout)), own_);
    if (!reader) return std::unexpected(reader.error());
    lent_.push_back(
        std::make_shared<Lent>(Lent{std::move(*reader), std::vector<bool>(settings_.partitions)}));
    found = std::prev(lent_.end());
  }
  for (const Partition partition : partitions) (*found)->in_use[partition.value] = true;
  const auto give_back = [this, lent = *found,
                          given = std::vector(partitions.begin(), partitions.end())](Reader*) {
    const std::lock_guard returning(mutex_);
    for (const Partition partition : given) lent->in_use[partition.value] = false;
  };
  return std::shared_ptr<Reader>((*found)->reader.get(), give_back);
}

std::uint64_t Readers::records() const {
  const std::lock_guard lock(mutex_);
  std::uint64_t records = 0;
  for (const auto& lent : lent_) records += lent->reader->records();
  return records;
}

}  // namespace boxoffice::event_log::kafka
