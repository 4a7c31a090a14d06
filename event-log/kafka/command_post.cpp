#include "event-log/kafka/command_post.hpp"

#include <librdkafka/rdkafka.h>
#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>

#include "event-log/kafka/ends.hpp"
#include "event-log/kafka/idempotent_producer.hpp"
#include "event-log/kafka/reader.hpp"

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
  Replies(std::unique_ptr<Reader> reader, std::vector<std::int64_t> from)
      : reader_(std::move(reader)), next_(std::move(from)) {}

  void run(const OnReply& on_reply, const std::atomic<bool>& stopping) {
    pthread_setname_np(pthread_self(), "replies");
    while (!stopping) {
      if (!open()) {
        bell_.wait(within(kOpenAgain));
        continue;
      }
      const bool any = take_all(on_reply);
      if (const auto error = first_error()) {
        is_in_trouble(*error);
        continue;
      }
      if (all_heard_of()) trouble.is(std::nullopt);
      if (!any) bell_.wait(within(kLook));
    }
  }

  void interrupt() { bell_.ring(); }

  Trouble trouble;

 private:
  /// The streams are to be opened again, but not at once: what is wrong lasts.
  void is_in_trouble(const LogError& error) {
    trouble.is(error.message);
    streams_.clear();
    opens_again_at_ = within(kOpenAgain);
  }

  bool open() {
    if (!streams_.empty()) return true;
    if (Clock::now() < opens_again_at_) return false;
    for (std::size_t i = 0; i < next_.size(); ++i) {
      auto stream =
          Stream::open(*reader_, {kRepliesLane, {static_cast<std::uint16_t>(i)}}, next_[i], bell_);
      if (!stream) {
        is_in_trouble(stream.error());
        return false;
      }
      streams_.push_back(std::move(*stream));
    }
    return true;
  }

  bool take_all(const OnReply& on_reply) {
    bool any = false;
    for (std::size_t i = 0; i < streams_.size(); ++i) {
      while (streams_[i].head() != nullptr) {
        const Record record = streams_[i].take();
        on_reply(record.key(), record.value());
        any = true;
      }
      next_[i] = streams_[i].reached();
    }
    return any;
  }

  /// Then they can be read, though no reply may come for long: who is in trouble is sent no
  /// commands.
  bool all_heard_of() const { return std::ranges::all_of(streams_, &Stream::was_heard_of); }

  std::optional<LogError> first_error() const {
    for (const Stream& stream : streams_)
      if (stream.error()) return stream.error();
    return std::nullopt;
  }

  const std::unique_ptr<Reader> reader_;
  std::vector<std::int64_t> next_;  ///< by partition
  Deadline opens_again_at_{};
  Bell bell_;
  std::vector<Stream> streams_;  // after the bell that they ring
};

}  // namespace
}  // namespace kafka

using namespace kafka;

struct KafkaCommandPost::Impl {
  std::unique_ptr<Replies> replies;
  Sending sending;
  std::unique_ptr<IdempotentProducer> producer;  // after what hears of its records
  std::atomic<bool> stopping{false};
  std::thread reading;
};

namespace {

/// Where replies to what is sent from now on can stand at the earliest.
Result<std::vector<std::int64_t>> ends_of_replies(const KafkaSettings& settings) {
  auto observer = Client::open(settings, Kind::observer);
  if (!observer) return std::unexpected(observer.error());
  auto committed = Client::open(settings, Kind::reader);
  if (!committed) return std::unexpected(committed.error());
  const Deadline deadline = within(settings.read_timeout);
  for (const Client* client : {observer->get(), committed->get()})
    if (auto known = const_cast<Client*>(client)->know(topic_names(settings.prefix), deadline);
        !known)
      return std::unexpected(known.error());
  std::vector<Lane> lanes;
  for (std::uint16_t i = 0; i < settings.partitions; ++i) lanes.push_back({kRepliesLane, {i}});
  // Whatever is open belongs to commands of others: no need to wait for it.
  const auto ends = Ends(**observer, **committed).settled(lanes, Clock::now(), deadline);
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
  auto impl = std::make_unique<Impl>();
  auto from = ends_of_replies(settings);
  if (!from) return std::unexpected(from.error());
  auto reader = Reader::open(settings, kBudget, within(settings.read_timeout));
  if (!reader) return std::unexpected(reader.error());
  impl->replies = std::make_unique<Replies>(std::move(*reader), std::move(*from));
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
  if (auto trouble = impl_->replies->trouble.get()) return "replies: " + *trouble;
  return std::nullopt;
}

}  // namespace boxoffice::event_log
