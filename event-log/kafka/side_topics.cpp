#include "event-log/kafka/side_topics.hpp"

#include <librdkafka/rdkafka.h>

#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "event-log/kafka/idempotent_producer.hpp"
#include "event-log/kafka/lane_edges.hpp"
#include "event-log/kafka/patience.hpp"
#include "event-log/kafka/reader.hpp"
#include "event-log/require.hpp"

namespace boxoffice::event_log {
namespace kafka {
namespace {

constexpr std::size_t kUnderwayBytesMax = 32u << 20;
constexpr std::chrono::milliseconds kGivenUpAfter{300'000};
constexpr std::chrono::milliseconds kAskAgain{50};
/// Who ends settles several things, one after the other: where none was taken before, and nothing
/// since, it is not waited for each of them.
constexpr std::chrono::milliseconds kSettlesAfterSilence{250};

/// Of the partitions that are taken over at a time each has as much on its way.
constexpr Budget kBulk{.lane_bytes = 4 << 20,
                       .fetch_bytes = 1 << 20,
                       .records_at_once = 16,
                       .fetch_wait = std::chrono::milliseconds(10)};
constexpr Budget kSingle{.lane_bytes = 64 << 10,
                         .fetch_bytes = 16 << 10,
                         .records_at_once = 1,
                         .fetch_wait = std::chrono::milliseconds(1)};

template <auto destroy>
struct By {
  template <class T>
  void operator()(T* that) const {
    destroy(that);
  }
};
using List =
    std::unique_ptr<rd_kafka_topic_partition_list_t, By<rd_kafka_topic_partition_list_destroy>>;
using Deletion = std::unique_ptr<rd_kafka_DeleteRecords_t, By<rd_kafka_DeleteRecords_destroy>>;
using Queue = std::unique_ptr<rd_kafka_queue_t, By<rd_kafka_queue_destroy>>;
using EventHandle = std::unique_ptr<rd_kafka_event_t, By<rd_kafka_event_destroy>>;
using Options = std::unique_ptr<rd_kafka_AdminOptions_t, By<rd_kafka_AdminOptions_destroy>>;

List one(const std::string& topic, Partition partition, std::int64_t offset) {
  List list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition.value)->offset = offset;
  return list;
}

rd_kafka_resp_err_t or_first(rd_kafka_resp_err_t error,
                             const rd_kafka_topic_partition_list_t& list) {
  return error != RD_KAFKA_RESP_ERR_NO_ERROR ? error : list.elems[0].err;
}

/// What has become of one sender's records, since they were settled last.
struct Fate {
  std::size_t underway = 0;
  std::int64_t first = -1;
  std::int64_t last = -1;
  std::string trouble;
};

/// What all senders together have on its way. Thread-safe.
class Underway {
 public:
  /// False: there was no room in time.
  bool add(Fate& fate, std::size_t bytes, Deadline deadline) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_until(lock, deadline, [&] { return bytes_ + bytes <= kUnderwayBytesMax; }))
      return false;
    bytes_ += bytes;
    ++fate.underway;
    return true;
  }

  void done(Fate& fate, std::size_t bytes, const rd_kafka_message_t* message) {
    {
      const std::lock_guard lock(mutex_);
      bytes_ -= bytes;
      --fate.underway;
      if (message == nullptr) return;
      if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        fate.trouble = rd_kafka_err2str(message->err);
      } else {
        is_silent_ = false;
        fate.first = fate.first < 0 ? message->offset : std::min(fate.first, message->offset);
        fate.last = std::max(fate.last, message->offset);
      }
    }
    changed_.notify_all();
  }

  Result<SideTopic::Sending::Settled> settled(Fate& fate, std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    const Deadline deadline =
        within(is_silent_ ? std::min(patience, kSettlesAfterSilence) : patience);
    const bool all = changed_.wait_until(lock, deadline, [&] { return fate.underway == 0; });
    is_silent_ = is_silent_ || !all;
    if (!all) return unavailable("no broker took all records in time");
    const Fate told = std::exchange(fate, {});
    if (!told.trouble.empty()) return unavailable("no broker took a record: " + told.trouble);
    require(told.first >= 0, "something was sent");
    return SideTopic::Sending::Settled{static_cast<std::uint64_t>(told.first),
                                       static_cast<std::uint64_t>(told.last)};
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t bytes_ = 0;   // guarded by mutex_, as are fates
  bool is_silent_ = false;  // nothing was taken since somebody waited in vain; guarded by mutex_
};

/// One record, until it is delivered or given up.
struct OnItsWay {
  Underway& underway;
  std::shared_ptr<Fate> fate;
  std::size_t bytes;
};

void delivered(const rd_kafka_message_t& message, void*) {
  const std::unique_ptr<OnItsWay> record(static_cast<OnItsWay*>(message._private));
  record->underway.done(*record->fate, record->bytes, &message);
}

/// What both topics share.
struct Connections {
  explicit Connections(KafkaSettings given)
      : settings(std::move(given)),
        reading(settings.read_timeout),
        bulk(settings, kBulk),
        single(settings, kSingle) {}

  const KafkaSettings settings;
  Patience reading;
  Underway underway;
  std::unique_ptr<IdempotentProducer> producer;  // after what its callbacks use
  std::unique_ptr<Client> observer;
  Readers bulk;
  Readers single;
};

class Way final : public SideTopic::Sending {
 public:
  Way(Connections& connections, Lane lane) : connections_(connections), lane_(lane) {}

  Result<void> send(std::string_view value, schema::Instant time,
                    std::chrono::milliseconds patience) override {
    require(value.size() <= kSideValueBytesMax, "a record of a side topic is within bounds");
    Underway& underway = connections_.underway;
    if (!underway.add(*fate_, value.size(), within(patience)))
      return unavailable("too much is on its way to " + topic_name());
    auto record = std::make_unique<OnItsWay>(underway, fate_, value.size());
    const rd_kafka_resp_err_t error = connections_.producer->use([&](const Client& producer) {
      return rd_kafka_producev(producer.get(), RD_KAFKA_V_RKT(producer.topic(lane_.number)),
                               RD_KAFKA_V_PARTITION(lane_.partition.value),
                               RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                               RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()),
                               RD_KAFKA_V_TIMESTAMP(time.time_since_epoch().count()),
                               RD_KAFKA_V_OPAQUE(record.get()), RD_KAFKA_V_END);
    });
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
      (void)record.release();  // `delivered` has it
      return {};
    }
    underway.done(*fate_, value.size(), nullptr);
    return unavailable("cannot send to " + topic_name() + ": " + rd_kafka_err2str(error));
  }

  Result<Settled> settle(std::chrono::milliseconds patience) override {
    return connections_.underway.settled(*fate_, patience);
  }

 private:
  const std::string& topic_name() const { return connections_.observer->topic_name(lane_.number); }

  Connections& connections_;
  const Lane lane_;
  const std::shared_ptr<Fate> fate_ = std::make_shared<Fate>();
};

class KafkaSideTopic final : public SideTopic {
 public:
  KafkaSideTopic(Connections& connections, std::size_t lane)
      : connections_(connections),
        lane_(lane),
        name_(topic_names(connections.settings.prefix)[lane]) {}

  std::unique_ptr<Sending> send_to(Partition partition) override {
    return std::make_unique<Way>(connections_, Lane{lane_, partition});
  }

  Result<Range> range(Partition partition) override {
    const auto first = edge(partition, Edge::begin);
    if (!first) return std::unexpected(first.error());
    const auto end = edge(partition, Edge::end);
    if (!end) return std::unexpected(end.error());
    return Range{*first, *end};
  }

  Result<std::uint64_t> first_at(Partition partition, schema::Instant time) override {
    // Negative times mean something else to brokers.
    const std::int64_t since = std::max<std::int64_t>(0, time.time_since_epoch().count());
    const Deadline deadline = within(connections_.reading.left(partition));
    for (;;) {
      const List list = one(name_, partition, since);
      const auto error =
          or_first(rd_kafka_offsets_for_times(connections_.observer->get(), list.get(),
                                              milliseconds_until(deadline)),
                   *list);
      if (error == RD_KAFKA_RESP_ERR_NO_ERROR) connections_.reading.was_heard(partition);
      if (error == RD_KAFKA_RESP_ERR_NO_ERROR && list->elems[0].offset >= 0)
        return static_cast<std::uint64_t>(list->elems[0].offset);
      if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return edge(partition, Edge::end);
      // A leader that has moved is heard of with the error.
      if (Clock::now() + kAskAgain >= deadline) {
        connections_.reading.was_silent(partition);
        return unavailable("no broker tells what " + name_ + " has: " + rd_kafka_err2str(error));
      }
      std::this_thread::sleep_for(kAskAgain);
    }
  }

  Result<void> read(Partition partition, std::uint64_t from, std::uint64_t to,
                    const SideVisitor& visit) override {
    if (from >= to) return {};
    Readers& readers = to - from == 1 ? connections_.single : connections_.bulk;
    Deadline deadline = within(connections_.reading.left(partition));
    const auto reader = readers.lend(std::span(&partition, 1), deadline);
    if (!reader) {
      connections_.reading.was_silent(partition);
      return std::unexpected(reader.error());
    }
    Bell bell;
    auto stream = Stream::open(**reader, {lane_, partition}, static_cast<std::int64_t>(from), bell);
    if (!stream) return std::unexpected(stream.error());
    while (stream->next_offset() < static_cast<std::int64_t>(to)) {
      if (stream->head() != nullptr) {
        const Record record = stream->take();
        if (!visit({static_cast<std::uint64_t>(record.offset()), record.value()})) return {};
        continue;
      }
      if (stream->error()) return std::unexpected(*stream->error());
      // However much there is, a broker that goes on handing it over is given the time.
      if (!bell.wait(deadline)) {
        connections_.reading.was_silent(partition);
        return unavailable(name_ + " was not read in time");
      }
      deadline = within(connections_.settings.read_timeout);
    }
    return {};
  }

  Result<void> trim(Partition partition, std::uint64_t before) override {
    const Client& client = *connections_.observer;
    const List list = one(name_, partition, static_cast<std::int64_t>(before));
    Deletion deletion(rd_kafka_DeleteRecords_new(list.get()));
    rd_kafka_DeleteRecords_t* pointer = deletion.get();
    const Queue queue(rd_kafka_queue_new(client.get()));
    const Options options(rd_kafka_AdminOptions_new(client.get(), RD_KAFKA_ADMIN_OP_DELETERECORDS));
    rd_kafka_DeleteRecords(client.get(), &pointer, 1, options.get(), queue.get());
    const EventHandle event(rd_kafka_queue_poll(queue.get(), timeout_ms()));
    const auto cannot = [this](const char* why) {
      return unavailable("records of " + name_ + " cannot be deleted: " + why);
    };
    if (!event) return cannot("no broker answers in time");
    if (rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR)
      return cannot(rd_kafka_event_error_string(event.get()));
    const auto* deleted =
        rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(event.get()));
    // Somebody else may have been there before.
    const auto error = deleted->elems[0].err;
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR && error != RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE)
      return cannot(rd_kafka_err2str(error));
    return {};
  }

 private:
  Result<std::uint64_t> edge(Partition partition, Edge edge) {
    const Lane lane{lane_, partition};
    const auto found = edges(*connections_.observer, std::span(&lane, 1), edge,
                             within(connections_.reading.left(partition)));
    if (!found) {
      connections_.reading.was_silent(partition);
      return unavailable("no broker tells where " + name_ + " lies: " + found.error());
    }
    connections_.reading.was_heard(partition);
    return static_cast<std::uint64_t>(found->front());
  }

  int timeout_ms() const { return static_cast<int>(connections_.settings.read_timeout.count()); }

  Connections& connections_;
  const std::size_t lane_;
  const std::string name_;
};

IdempotentProducer::Making making() {
  return {
      .thread = "side-topics",
      .properties = {{"message.timeout.ms", std::to_string(kGivenUpAfter.count())},
                     {"message.max.bytes", std::to_string(kSideValueBytesMax + (64u << 10))},
                     {"queue.buffering.max.kbytes", std::to_string(2 * (kUnderwayBytesMax >> 10))}},
      .delivered = delivered};
}

}  // namespace
}  // namespace kafka

using namespace kafka;

struct KafkaSideTopics::Impl {
  explicit Impl(const KafkaSettings& settings)
      : connections(settings),
        snapshots(connections, kSnapshotsLane),
        decided(connections, kDecidedLane) {}

  Connections connections;
  KafkaSideTopic snapshots;
  KafkaSideTopic decided;
};

Result<std::unique_ptr<KafkaSideTopics>> KafkaSideTopics::open(const KafkaSettings& settings) {
  auto impl = std::make_unique<Impl>(settings);
  auto producer = IdempotentProducer::open(settings, making());
  if (!producer) return std::unexpected(producer.error());
  auto observer = Client::open(settings, Kind::observer);
  if (!observer) return std::unexpected(observer.error());
  if (auto known = (*observer)->know(topic_names(settings.prefix), within(settings.read_timeout));
      !known)
    return std::unexpected(known.error());
  impl->connections.producer = std::move(*producer);
  impl->connections.observer = std::move(*observer);
  return std::unique_ptr<KafkaSideTopics>(new KafkaSideTopics(std::move(impl)));
}

KafkaSideTopics::KafkaSideTopics(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
KafkaSideTopics::~KafkaSideTopics() = default;

SideTopic& KafkaSideTopics::snapshots() { return impl_->snapshots; }
SideTopic& KafkaSideTopics::decided() { return impl_->decided; }

}  // namespace boxoffice::event_log
