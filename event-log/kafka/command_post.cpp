#include "event-log/kafka/command_post.hpp"

#include <librdkafka/rdkafka.h>
#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>

#include "event-log/kafka/ends.hpp"
#include "event-log/kafka/idempotent_producer.hpp"
#include "event-log/kafka/watched_stream.hpp"

namespace boxoffice::event_log {
namespace kafka {
namespace {

constexpr Budget kBudget{.lane_bytes = 8 << 20,
                         .fetch_bytes = 1 << 20,
                         .records_at_once = 256,
                         .fetch_wait = std::chrono::milliseconds(100)};
constexpr std::chrono::milliseconds kLook{100};
constexpr std::chrono::milliseconds kTryEvery{1'000};
constexpr std::chrono::milliseconds kOpenAgain{200};

/// What a thread of the post has to say of itself.
class Trouble {
 public:
  explicit Trouble(std::optional<std::string> at_first = std::nullopt)
      : what_(std::move(at_first)) {}

  void is(std::optional<std::string> what) {
    const std::lock_guard lock(mutex_);
    what_ = std::move(what);
  }
  std::optional<std::string> get() const {
    const std::lock_guard lock(mutex_);
    return what_;
  }

 private:
  mutable std::mutex mutex_;
  std::optional<std::string> what_;  // guarded by mutex_
};

/// Whether a gateway's records are taken, as the brokers told lately. Who is in trouble is sent no
/// commands; so an empty record, which processors pass over, is tried until one is taken.
class Sending {
 public:
  /// `of` is a `Sending`.
  static void delivered(const rd_kafka_message_t& record, void* of) {
    static_cast<Sending*>(of)->judge(record.err);
    const std::unique_ptr<CommandPost::Sent> sent(static_cast<CommandPost::Sent*>(record._private));
    if (!sent) return;  // the empty one
    if (record.err == RD_KAFKA_RESP_ERR_NO_ERROR) return (*sent)(std::nullopt);
    (*sent)(std::string("the brokers did not take the command in time: ") +
            rd_kafka_err2str(record.err));
  }

  /// On the producer's thread, as `delivered`.
  void look(const IdempotentProducer& producer) {
    if (const auto fatal = producer.fatal_error()) is_in_trouble(*fatal);
    if (!is_in_trouble_ || Clock::now() < tries_at_) return;
    tries_at_ = within(kTryEvery);
    (void)producer.use([](const Client& client) {
      return rd_kafka_producev(client.get(), RD_KAFKA_V_RKT(client.topic(kCommandsLane)),
                               RD_KAFKA_V_PARTITION(0), RD_KAFKA_V_VALUE(nullptr, 0),
                               RD_KAFKA_V_END);
    });
  }

  Trouble trouble{"commands cannot be sent: no broker has taken a record yet"};

 private:
  /// Others are of one record, or of one partition for a while.
  static bool is_lasting(rd_kafka_resp_err_t error) {
    switch (error) {
      case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
      case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
      case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
      case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
      case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      case RD_KAFKA_RESP_ERR__FATAL:
        return true;
      default:
        return false;
    }
  }

  void judge(rd_kafka_resp_err_t error) {
    if (is_lasting(error)) return is_in_trouble(rd_kafka_err2str(error));
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR || !is_in_trouble_) return;
    is_in_trouble_ = false;
    trouble.is(std::nullopt);
  }

  void is_in_trouble(std::string why) {
    is_in_trouble_ = true;
    trouble.is("commands cannot be sent: " + std::move(why));
  }

  bool is_in_trouble_ = true;  ///< before the first was taken nobody knows
  Deadline tries_at_{};
};

/// Reads the replies of all partitions.
class Replies {
 public:
  Replies(WatchedStream::Surroundings surroundings, std::vector<std::int64_t> from)
      : next_(std::move(from)) {
    for (std::uint16_t i = 0; i < next_.size(); ++i)
      streams_.push_back(
          std::make_unique<WatchedStream>(surroundings, Lane{kRepliesLane, Partition{i}}, bell_));
  }

  void run(const OnReply& on_reply, const std::atomic<bool>& stopping) {
    pthread_setname_np(pthread_self(), "replies");
    while (!stopping) {
      if (!open()) {
        bell_.wait(within(kOpenAgain));
        continue;
      }
      const bool any = take_some(on_reply);
      if (const auto error = first_error()) {
        is_in_trouble(*error);
        continue;
      }
      if (all_heard_of()) trouble_.is(std::nullopt);
      if (!any) bell_.wait(within(kLook));
    }
  }

  void interrupt() { bell_.ring(); }

  std::optional<std::string> trouble() const {
    if (auto trouble = trouble_.get()) return trouble;
    for (const auto& stream : streams_)
      if (auto trouble = stream->trouble()) return trouble;
    return std::nullopt;
  }

  std::vector<std::chrono::milliseconds> behind() const {
    std::vector<std::chrono::milliseconds> behind;
    for (const auto& stream : streams_) behind.push_back(stream->behind());
    return behind;
  }

 private:
  /// The streams are to be opened again, but not at once: what is wrong lasts.
  void is_in_trouble(const LogError& error) {
    trouble_.is(error.message);
    for (const auto& stream : streams_) stream->close();
    is_open_ = false;
    opens_again_at_ = within(kOpenAgain);
  }

  bool open() {
    if (is_open_) return true;
    if (Clock::now() < opens_again_at_) return false;
    for (std::size_t i = 0; i < next_.size(); ++i)
      if (const auto opened = streams_[i]->open(next_[i]); !opened) {
        is_in_trouble(opened.error());
        return false;
      }
    is_open_ = true;
    return true;
  }

  /// Whether there was any. Of each partition so many that none keeps the others waiting.
  bool take_some(const OnReply& on_reply) {
    bool any = false;
    for (std::size_t i = 0; i < streams_.size(); ++i) {
      WatchedStream& stream = *streams_[i];
      for (int records = 0; records < kAtOnce && stream.head() != nullptr; ++records) {
        const Record record = stream.take();
        on_reply(record.key(), record.value());
        any = true;
      }
      next_[i] = stream.reached();
      stream.looked();
    }
    return any;
  }

  /// Then they can be read, though no reply may come for long: who is in trouble is sent no
  /// commands.
  bool all_heard_of() const {
    return std::ranges::all_of(streams_, [](const auto& stream) { return stream->was_heard_of(); });
  }

  std::optional<LogError> first_error() const {
    for (const auto& stream : streams_)
      if (stream->error()) return stream->error();
    return std::nullopt;
  }

  static constexpr int kAtOnce = 1'000;

  Trouble trouble_;
  std::vector<std::int64_t> next_;  ///< by partition
  bool is_open_ = false;
  Deadline opens_again_at_{};
  Bell bell_;
  std::vector<std::unique_ptr<WatchedStream>> streams_;  // by partition; after the bell
};

}  // namespace
}  // namespace kafka

using namespace kafka;

struct KafkaCommandPost::Impl {
  explicit Impl(KafkaSettings given) : settings(std::move(given)), readers(settings, kBudget) {}

  const KafkaSettings settings;
  std::unique_ptr<Client> committed;  ///< sees what is committed
  Readers readers;
  std::optional<Lookout> lookout;  // after the client that it asks by
  std::optional<Replies> replies;
  Sending sending;
  std::unique_ptr<IdempotentProducer> producer;  // after what hears of its records
  std::atomic<bool> stopping{false};
  std::thread reading;
};

namespace {

Result<std::unique_ptr<Client>> client_of(const KafkaSettings& settings, Kind kind,
                                          Deadline deadline) {
  auto client = Client::open(settings, kind);
  if (!client) return client;
  if (auto known = (*client)->know(topic_names(settings.prefix), deadline); !known)
    return std::unexpected(known.error());
  return client;
}

/// Where replies to what is sent from now on can stand at the earliest.
Result<std::vector<std::int64_t>> ends_of_replies(const KafkaSettings& settings,
                                                  const Client& committed, Deadline deadline) {
  const auto observer = client_of(settings, Kind::observer, deadline);
  if (!observer) return std::unexpected(observer.error());
  std::vector<Lane> lanes;
  for (std::uint16_t i = 0; i < settings.partitions; ++i) lanes.push_back({kRepliesLane, {i}});
  // Whatever is open belongs to commands of others: no need to wait for it.
  const auto ends = Ends(**observer, committed).settled(lanes, Clock::now(), deadline);
  if (!ends) return std::unexpected(ends.error());
  return ends->offsets;
}

IdempotentProducer::Making making(const KafkaPostSettings& post, Sending& sending) {
  return {.thread = "acknowledging",
          // Without a pause each command is a request of its own, while librdkafka's thread spins.
          .properties = {{"linger.ms", "1"},
                         {"message.timeout.ms", std::to_string(post.timeout.count())},
                         {"queue.buffering.max.messages", std::to_string(post.underway_max)}},
          .delivered = Sending::delivered,
          .of = &sending,
          .meanwhile = [&sending](const IdempotentProducer& now) { sending.look(now); }};
}

}  // namespace

Result<std::unique_ptr<KafkaCommandPost>> KafkaCommandPost::open(const KafkaSettings& settings,
                                                                 const KafkaPostSettings& post) {
  const Deadline deadline = within(settings.read_timeout);
  auto impl = std::make_unique<Impl>(settings);
  auto committed = client_of(settings, Kind::reader, deadline);
  if (!committed) return std::unexpected(committed.error());
  impl->committed = std::move(*committed);
  auto from = ends_of_replies(settings, *impl->committed, deadline);
  if (!from) return std::unexpected(from.error());
  // The first one; it is kept for the streams.
  if (auto reader = impl->readers.lend({}, deadline); !reader)
    return std::unexpected(reader.error());
  impl->lookout.emplace(*impl->committed, "replies-ends");
  impl->replies.emplace(WatchedStream::Surroundings{impl->settings, impl->readers, *impl->lookout,
                                                    post.opens_again_after},
                        std::move(*from));
  auto producer = IdempotentProducer::open(settings, making(post, impl->sending));
  if (!producer) return std::unexpected(producer.error());
  impl->producer = std::move(*producer);
  return std::unique_ptr<KafkaCommandPost>(new KafkaCommandPost(std::move(impl)));
}

KafkaCommandPost::KafkaCommandPost(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

void KafkaCommandPost::receive(OnReply on_reply) {
  impl_->reading = std::thread(
      [this, on_reply = std::move(on_reply)] { impl_->replies->run(on_reply, impl_->stopping); });
}

KafkaCommandPost::~KafkaCommandPost() {
  impl_->stopping = true;
  impl_->replies->interrupt();
  if (impl_->reading.joinable()) impl_->reading.join();
}

bool KafkaCommandPost::send(Partition partition, std::string_view key, std::string_view value,
                            Sent& sent) {
  auto kept = std::make_unique<Sent>(std::move(sent));
  constexpr std::string_view kType = content_type(kCommandsLane);
  const rd_kafka_resp_err_t error = impl_->producer->use([&](const Client& client) {
    return rd_kafka_producev(client.get(), RD_KAFKA_V_RKT(client.topic(kCommandsLane)),
                             RD_KAFKA_V_PARTITION(partition.value),
                             RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                             RD_KAFKA_V_KEY(key.data(), key.size()),
                             RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()),
                             RD_KAFKA_V_HEADER("content-type", kType.data(), kType.size()),
                             RD_KAFKA_V_OPAQUE(kept.get()), RD_KAFKA_V_END);
  });
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
    (void)kept.release();  // `delivered` has it
    return true;
  }
  sent = std::move(*kept);
  return false;
}

std::optional<std::string> KafkaCommandPost::trouble() const {
  if (auto trouble = impl_->sending.trouble.get()) return trouble;
  if (auto trouble = impl_->replies->trouble()) return "replies: " + *trouble;
  return std::nullopt;
}

std::vector<std::chrono::milliseconds> KafkaCommandPost::behind() const {
  return impl_->replies->behind();
}

}  // namespace boxoffice::event_log
